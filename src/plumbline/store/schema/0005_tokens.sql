-- What scripts hold instead of a password. The rows of `token` are made from the log; what the secret hashes to, and when
-- it was last used, stand in `token_secret` alone.
create table token (
    token_id varchar not null,
    user_id varchar not null,
    label varchar not null,
    role varchar not null,
    models varchar not null,
    issued_at timestamp not null,
    expires_at timestamp not null,
    revoked_at timestamp
);
create table token_secret (
    token_id varchar not null,
    secret_hash varchar not null,
    used_at timestamp
);
