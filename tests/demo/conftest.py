"""The sample models, made once for all tests of this folder."""

from __future__ import annotations

import pytest

from plumbline.demo.catalogue import RECIPES
from plumbline.demo.sample_model import SampleModel, make


@pytest.fixture(scope="session")
def sample_models() -> dict[str, SampleModel]:
    return {recipe.id: make(recipe) for recipe in RECIPES}
