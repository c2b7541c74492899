-- A role may be held for some models alone, and then more than once; one that is proposed waits for a second administrator.
create table grant_by_scope (
    user_id varchar not null,
    role varchar not null,
    scope varchar not null,
    value varchar not null,
    primary key (user_id, role, scope, value)
);
insert into grant_by_scope select user_id, role, 'everywhere', '' from role_grant;
drop table role_grant;
alter table grant_by_scope rename to role_grant;
create table role_proposal (
    user_id varchar not null,
    role varchar not null,
    scope varchar not null,
    value varchar not null,
    proposed_by varchar not null,
    proposed_at timestamp not null
);
-- Who last found right what a person holds.
create table access_review (
    user_id varchar not null,
    reviewed_by varchar not null,
    reviewed_at timestamp not null
);
