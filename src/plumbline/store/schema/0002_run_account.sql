-- How each monitoring run came by its profiles: which files, what was taken over from which run, and under what it
-- was judged. Bound by its hash in the run's event, so that a later run may build on it.
create table run_account (
    run_id varchar not null,
    run_seq bigint not null,
    model_id varchar not null,
    version_id varchar not null,
    sha256 varchar not null,
    content varchar not null
);
create trigger run_account_no_update after update on run_account for each statement insert into append_only_guard select error('run_account is append-only');
create trigger run_account_no_delete after delete on run_account for each statement insert into append_only_guard select error('run_account is append-only');
