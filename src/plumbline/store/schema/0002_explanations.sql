-- Attributions of a version: one row an explanation, its lines as Parquet in `payload`. Append-only.
create table explanation (
    id varchar primary key,
    model_id varchar not null,
    version varchar not null,
    recorded_at timestamp not null,
    recorded_by varchar not null,
    header varchar not null,
    payload blob not null,
    sha256 varchar not null
);
