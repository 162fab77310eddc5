"""The words on the screen, in the code and in the glossary are the same words."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossaire.md").read_text("utf-8")
WORDS = dict(re.findall(r"^\| ([^|]+) \| `([a-z]+\.\w+)`", GLOSSARY, flags=re.M))
ENGLISH = dict(
    re.findall(r"^\| [^|]+ \| `([a-z]+\.\w+)` \| ([^|]+) \|", GLOSSARY, flags=re.M)
)
MODELS = [m for m in apps.get_models() if m._meta.app_label in settings.ROOMS]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_its_french_word_in_the_glossary(model):
    with translation.override("fr-ca"):
        assert WORDS.get(str(model._meta.verbose_name)) == model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_its_english_word_in_the_glossary(model):
    with translation.override("en-ca"):
        assert ENGLISH[model._meta.label] == str(model._meta.verbose_name)


@pytest.mark.parametrize("label", WORDS.values())
def test_the_glossary_names_only_what_exists(label):
    assert apps.get_model(label)
