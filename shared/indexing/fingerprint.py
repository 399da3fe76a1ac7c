"""What an index was made of, as one digest: while it is the same, a build has nothing to do."""

import hashlib
import json
from collections.abc import Sequence

from shared.llm.base import Embedder
from shared.models import Content
from shared.retrieval.artefact import FORMAT
from shared.retrieval.base import Row
from shared.retrieval.calibration import SCORE_SHARE
from shared.retrieval.fitting import NEAR_QUANTILE, QUESTIONS
from shared.retrieval.generated import DROPPED
from shared.retrieval.openings import CHARACTERS
from shared.retrieval.search import Profile
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.spacing import MOST_CHARACTERS
from shared.storage.base import Item


def made_of(content: Content) -> Item:
    """What of a content tells whether an index is outdated. Of later fields those that are set, as it always did."""
    unset = {name for name in ("media", "effective_on", "expires_on") if not getattr(content, name)}
    return content.model_dump(mode="json", exclude={"updated_at"} | unset)


def fingerprint_of(
    contents: Sequence[Content],
    rows: Sequence[Row],
    profiles: Sequence[Profile],
    off_topic: Sequence[str],
    embedder: Embedder,
    encoder: SentenceEncoder | None,
) -> str:
    """What an index was made of: two builds with the same one would make the same index."""
    said = {
        "engine": [embedder.name, embedder.dimensions, encoder.name if encoder else None, FORMAT, CHARACTERS],
        "spacing": MOST_CHARACTERS,
        "calibration": [NEAR_QUANTILE, SCORE_SHARE, QUESTIONS, DROPPED],
        "contents": [made_of(content) for content in contents],
        "rows": [[row.kind, row.text] for row in rows],
        "profiles": [
            [one.bot_id, one.weights.model_dump(), one.thresholds.model_dump(), one.lexicon.digest] for one in profiles
        ],
        "off_topic": list(off_topic),
    }
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
