-- The store's first shape: two hash-chained logs, the tables projected from `event`, and what monitoring keeps.
-- Times are UTC without a zone; the code puts the zone back.

-- The log of decisions and facts (interfaces.md: event), and the log of sign-ins, reads and refusals (access).
create table event (
    seq bigint primary key,
    recorded_at timestamp not null,
    actor varchar not null,
    acting_role varchar not null,
    action varchar not null,
    entity varchar not null,
    entity_id varchar not null,
    payload varchar not null,
    reason varchar not null,
    manifest_hash varchar not null,
    record varchar not null,
    prev_hash varchar not null,
    hash varchar not null
);

create table access (
    seq bigint primary key,
    recorded_at timestamp not null,
    actor varchar not null,
    acting_role varchar not null,
    action varchar not null,
    entity varchar not null,
    entity_id varchar not null,
    payload varchar not null,
    reason varchar not null,
    manifest_hash varchar not null,
    record varchar not null,
    prev_hash varchar not null,
    hash varchar not null
);

-- Triggers need a statement to run; this table is only what they fail to insert into.
create table append_only_guard (refused varchar);

-- People. The password's hash is the one fact that no event holds.
create table account (
    user_id varchar primary key,
    name varchar not null,
    line_manager varchar,
    active boolean not null,
    origin varchar not null
);
create table credential (
    user_id varchar not null,
    password_hash varchar not null,
    set_at timestamp not null
);
create table role_grant (
    user_id varchar not null,
    role varchar not null,
    primary key (user_id, role)
);

-- The inventory.
create table model (
    model_id varchar primary key,
    name varchar not null,
    owner varchar not null,
    family varchar not null,
    task varchar not null,
    business_line varchar not null,
    tier varchar not null,
    tier_because varchar not null,
    affects_people boolean not null,
    exposure_amount double,
    exposure_currency varchar not null,
    registered_at timestamp not null,
    entry varchar not null
);
create table model_version (
    model_id varchar not null,
    version_id varchar not null,
    stage varchar not null,
    stage_since timestamp not null,
    artefact varchar not null,
    artefact_sha256 varchar not null,
    deployed_sha256 varchar not null,
    registered_at timestamp not null,
    registered_by varchar not null,
    entry varchar not null,
    primary key (model_id, version_id)
);
create table model_use (
    model_id varchar not null,
    use_id varchar not null,
    purpose varchar not null,
    entry varchar not null,
    primary key (model_id, use_id)
);

-- Sign-off.
create table sign_off_case (
    case_id varchar primary key,
    model_id varchar not null,
    version_id varchar not null,
    use_id varchar not null,
    case_type varchar not null,
    status varchar not null,
    requester varchar not null,
    opened_at timestamp not null,
    manifest_hash varchar not null,
    outcome varchar not null,
    validated_by varchar not null,
    validated_at timestamp,
    question varchar not null,
    decided_at timestamp,
    reason varchar not null,
    expires_at timestamp,
    binding_hash varchar not null
);
create table vote (
    case_id varchar not null,
    user_id varchar not null,
    seat varchar not null,
    decision varchar not null,
    manifest_hash varchar not null,
    cast_at timestamp not null,
    stale boolean not null,
    primary key (case_id, user_id)
);
create table condition (
    case_id varchar not null,
    number integer not null,
    text varchar not null,
    kind varchar not null,
    owner varchar not null,
    due date not null,
    blocking boolean not null,
    verified_by varchar not null,
    verified_at timestamp,
    primary key (case_id, number)
);
create table finding (
    finding_id varchar primary key,
    model_id varchar not null,
    version_id varchar not null,
    case_id varchar not null,
    severity varchar not null,
    category varchar not null,
    title varchar not null,
    raised_by varchar not null,
    owner varchar not null,
    opened_at timestamp not null,
    original_due date not null,
    current_due date not null,
    status varchar not null,
    closed_at timestamp,
    entry varchar not null
);
create table signature (
    hash varchar primary key,
    seq bigint not null,
    case_id varchar not null,
    user_id varchar not null,
    printed_name varchar not null,
    acting_role varchar not null,
    seat varchar not null,
    manifest_hash varchar not null,
    decision varchar not null,
    signed_at timestamp not null,
    entry varchar not null
);
create table manifest (
    case_id varchar not null,
    manifest_hash varchar not null,
    pinned_at timestamp not null,
    items integer not null,
    primary key (case_id, manifest_hash)
);
create table manifest_item (
    case_id varchar not null,
    manifest_hash varchar not null,
    kind varchar not null,
    id varchar not null,
    version varchar not null,
    sha256 varchar not null,
    recorded_at timestamp not null,
    content varchar not null,
    binding boolean not null
);

-- Monitoring and explanations: the run is projected from its event, its rows are bound to it by hashes.
create table monitoring_run (
    run_id varchar primary key,
    seq bigint not null,
    model_id varchar not null,
    version_id varchar not null,
    recorded_at timestamp not null,
    recorded_by varchar not null,
    windows varchar not null,
    results_sha256 varchar not null,
    profile_hashes varchar not null,
    policy_digest varchar not null,
    source varchar not null,
    source_rows bigint not null,
    quarantined bigint not null,
    observed_at date
);
create table profile (
    run_id varchar not null,
    run_seq bigint not null,
    model_id varchar not null,
    version_id varchar not null,
    "window" varchar not null,
    window_start timestamp,
    window_end timestamp,
    sha256 varchar not null,
    content blob not null
);
create table result (
    result_id varchar not null,
    run_id varchar not null,
    run_seq bigint not null,
    model_id varchar not null,
    version_id varchar not null,
    recorded_at timestamp not null,
    "window" varchar not null,
    window_start timestamp,
    window_end timestamp,
    metric varchar not null,
    "column" varchar,
    segment_by varchar,
    segment varchar,
    estimate double,
    low double,
    high double,
    confidence double,
    method varchar not null,
    n bigint not null,
    events bigint,
    n_reference bigint,
    label_share double,
    reference double,
    effect double,
    p_value double,
    p_adjusted double,
    error_bound double,
    why_not varchar not null,
    verdict varchar not null,
    reason varchar not null,
    rule varchar not null,
    policy varchar not null
);
create table explanation (
    explanation_id varchar primary key,
    seq bigint not null,
    model_id varchar not null,
    version_id varchar not null,
    recorded_at timestamp not null,
    recorded_by varchar not null,
    method varchar not null,
    source_rows bigint not null,
    sha256 varchar not null,
    content blob not null
);

-- The latest run that measured a window supersedes the earlier ones; nothing is overwritten.
create view current_window as
select model_id, version_id, "window", max(run_seq) as run_seq
from result
group by model_id, version_id, "window";

create view current_result as
select result.*
from result
join current_window using (model_id, version_id, "window", run_seq);

-- The seat belt; the hash chain is the proof. A trigger can be dropped, a chain cannot be mended unseen.
create trigger event_no_update after update on event for each statement insert into append_only_guard select error('event is append-only');
create trigger event_no_delete after delete on event for each statement insert into append_only_guard select error('event is append-only');
create trigger access_no_update after update on access for each statement insert into append_only_guard select error('access is append-only');
create trigger access_no_delete after delete on access for each statement insert into append_only_guard select error('access is append-only');
create trigger profile_no_update after update on profile for each statement insert into append_only_guard select error('profile is append-only');
create trigger profile_no_delete after delete on profile for each statement insert into append_only_guard select error('profile is append-only');
create trigger result_no_update after update on result for each statement insert into append_only_guard select error('result is append-only');
create trigger result_no_delete after delete on result for each statement insert into append_only_guard select error('result is append-only');
create trigger monitoring_run_no_update after update on monitoring_run for each statement insert into append_only_guard select error('monitoring_run is append-only');
create trigger monitoring_run_no_delete after delete on monitoring_run for each statement insert into append_only_guard select error('monitoring_run is append-only');
create trigger explanation_no_update after update on explanation for each statement insert into append_only_guard select error('explanation is append-only');
create trigger explanation_no_delete after delete on explanation for each statement insert into append_only_guard select error('explanation is append-only');
create trigger manifest_no_update after update on manifest for each statement insert into append_only_guard select error('manifest is append-only');
create trigger manifest_no_delete after delete on manifest for each statement insert into append_only_guard select error('manifest is append-only');
create trigger manifest_item_no_update after update on manifest_item for each statement insert into append_only_guard select error('manifest_item is append-only');
create trigger manifest_item_no_delete after delete on manifest_item for each statement insert into append_only_guard select error('manifest_item is append-only');
create trigger signature_no_update after update on signature for each statement insert into append_only_guard select error('signature is append-only');
create trigger signature_no_delete after delete on signature for each statement insert into append_only_guard select error('signature is append-only');
