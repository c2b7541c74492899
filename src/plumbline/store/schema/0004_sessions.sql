-- Who is signed in, at which browser, until when. No evidence: who signed in and out stands in `access`. Neither the
-- ticket that is changed for a cookie nor the cookie's token is kept, but what they hash to.
create table session (
    session_id varchar not null,
    user_id varchar not null,
    acting_role varchar not null,
    zone varchar not null,
    started_at timestamp not null,
    seen_at timestamp not null,
    ticket_hash varchar,
    token_hash varchar
);
