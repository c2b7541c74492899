-- What a client's key was answered with, for a day: asked again, it gets the same answer, and nothing is done twice.
create table answered (
    key_hash varchar not null primary key,
    asked_sha256 varchar not null,
    answer varchar not null,
    answered_at timestamp not null
);
