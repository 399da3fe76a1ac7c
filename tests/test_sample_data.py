"""The sample FAQ and its questions hold what they promise."""

import json
import re
from collections import Counter

from shared.bubbles import media_bubbles
from shared.indexing.moderation import moderated
from shared.indexing.preprocess import Report, preprocess
from shared.indexing.readers import COLUMNS, read
from shared.indexing.structure import StructureReport, structure
from shared.links import Allowed
from shared.settings import Settings
from tests.app import ROOT

FAQ = [json.loads(line) for line in (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()]
QUESTIONS = [
    json.loads(line) for line in (ROOT / "data" / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_at_least_200_faqs_in_at_least_12_categories() -> None:
    assert len({row["id"] for row in FAQ}) >= 200
    assert len({row["category"] for row in FAQ} - {""}) >= 12
    assert all((*row, *([] if "media" in row else ["media"])) == COLUMNS for row in FAQ)


def test_some_show_images_and_a_video_beside_their_answers_on_the_host_that_is_allowed() -> None:
    with_media = ((number, row) for number, row in enumerate(FAQ, 1) if "media" in row)
    contents = structure(preprocess(with_media, Report()), "default", StructureReport())
    kept, warnings = moderated(contents, Allowed(media_hosts=Settings.model_fields["media_hosts"].default))
    shown = [one.bubble_type for content in kept for one in media_bubbles(content)]
    assert (warnings, len(kept) >= 3, {"image", "video"} <= set(shown)) == ([], True, True)


def test_some_have_related_titles_service_types_steps_links_an_image_and_a_video() -> None:
    contents = "\n".join(row["content"] for row in FAQ)
    assert sum(bool(row["related_titles"]) for row in FAQ) > 50
    assert len({row["service_type"] for row in FAQ} - {""}) >= 2
    for pattern in (r"^1\. .*\n+2\. ", r"\]\(https://", r"!\[[^\]]+\]\(https://\S+\.png\)", r"\]\(https://\S+\.mp4\)"):
        assert re.search(pattern, contents, re.MULTILINE)
    assert {host.rsplit(".", 1)[-1] for host in re.findall(r"https?://([\w.-]+)", contents)} == {"example"}


def test_every_row_becomes_a_content_and_every_related_title_an_id() -> None:
    cleaned, structured = Report(), StructureReport()
    rows = list(preprocess(read(ROOT / "data" / "sample_faq.jsonl"), cleaned))
    contents = structure(rows, "default", structured)
    assert (cleaned.bad, structured.bad, structured.unresolved) == ([], [], [])
    assert len(contents) == len({row["id"] for row in FAQ})


def test_there_are_at_least_150_questions_of_every_kind_with_ids_that_exist() -> None:
    ids = {row["id"] for row in FAQ}
    kinds = Counter(question["category"] for question in QUESTIONS)
    assert len(QUESTIONS) >= 150
    assert min(kinds[kind] for kind in ("plain", "followup", "offtopic", "unanswerable")) >= 10
    for question in QUESTIONS:
        assert bool(question["gold"]) == question["answerable"]
        assert set(question["gold"]) <= ids
        assert bool(question["history"]) == (question["category"] == "followup")
