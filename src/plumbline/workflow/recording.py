"""Deciders of what machines report: monitoring runs and explanations by their fingerprints, self-tests whole."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

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
    return (e.MonitoringRecorded(**_facts(command, e.MonitoringRecorded)),)


def record_explanation(state: ModelState, command: c.RecordExplanation, situation: Situation) -> tuple[e.Event, ...]:
    the_version(state, command.version_id)
    connected(state, situation.actor)
    if any(known.fact.explanation_id == command.explanation_id for known in state.explanations):
        return ()
    return (e.ExplanationRecorded(**_facts(command, e.ExplanationRecorded)),)


def record_segment_drift(state: ModelState, command: c.RecordSegmentDrift, situation: Situation) -> tuple[e.Event, ...]:
    the_version(state, command.version_id)
    connected(state, situation.actor)
    if state.segment_drift(command.version_id, command.drift.segment_by, command.drift.segment)[-1:] == (
        command.drift,
    ):
        return ()
    return (e.SegmentDriftRecorded(**_facts(command, e.SegmentDriftRecorded)),)


def record_self_test(state: ModelState, command: c.RecordSelfTest, situation: Situation) -> tuple[e.Event, ...]:
    the_version(state, command.version_id)
    connected(state, situation.actor)
    return (e.SelfTestRecorded(**_facts(command, e.SelfTestRecorded)),)


def _facts(command: c.Command, event: type[e.Event]) -> dict[str, Any]:
    """The fields that command and event share by name: the report is taken as it came."""
    return {field.name: getattr(command, field.name) for field in fields(event)}
