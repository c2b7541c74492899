"""Deciders of what machines report: monitoring runs and explanations enter the log by their fingerprints."""

from __future__ import annotations

from plumbline.domain.payload import to_plain
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.guards import connected, the_version
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState


def record_monitoring(state: ModelState, command: c.RecordMonitoring, situation: Situation) -> tuple[e.Event, ...]:
    the_version(state, command.version_id)
    connected(state, situation.actor)
    if any(run.fact.run_id == command.run_id for run in state.runs):
        return ()
    return (
        e.MonitoringRecorded(
            version_id=command.version_id,
            run_id=command.run_id,
            windows=command.windows,
            results_sha256=command.results_sha256,
            profile_hashes=command.profile_hashes,
            policy_digest=command.policy_digest,
            source=command.source,
            rows=command.rows,
            quarantined=command.quarantined,
            observed_at=command.observed_at,
        ),
    )


def record_explanation(state: ModelState, command: c.RecordExplanation, situation: Situation) -> tuple[e.Event, ...]:
    the_version(state, command.version_id)
    connected(state, situation.actor)
    if any(known.fact.explanation_id == command.explanation_id for known in state.explanations):
        return ()
    plain = to_plain(command)
    del plain["model_id"]
    return (e.ExplanationRecorded(**plain),)
