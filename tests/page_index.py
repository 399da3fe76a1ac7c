"""Makes the index that the page's browser tests ask: `DATA_DIR=… python -m tests.page_index`.

A part of the sample FAQ, which is faster than all of it, and one content that tries to be markup. With an origin, it
adds to one that is there the bot `shop`, which that origin's pages may embed.
"""

import json
import sys

from scripts import vectorize
from shared import wiring
from shared.bot import Bot
from shared.indexing.calibrate import off_topic_questions
from shared.settings import get_settings
from tests.app import ROOT

FIRST = 30  # rows: joining, and the first of products
MORE = {"claim-009", "claim-010", "settle-001", "settle-009"}  # what is asked about and followed up
MARKUP = {
    "id": "markup-001",
    "title": '스토어 소개에 <img src="x" onerror="window.ran=1"> 같은 HTML을 쓸 수 있나요?',
    "content": "쓸 수 없습니다.\n\n```\n<script>window.ran=1</script>\n```\n\n[누르기](javascript:window.ran=1)",
    "similar_titles": [],
    "related_titles": [],
    "category": "스토어 꾸미기",
    "url": "",
    "service_type": "",
}


def main(origin: str | None = None) -> int:
    """Build it, or add the bot that an origin may embed. Returns an exit code."""
    if origin is not None:
        wiring.get_bots().publish(Bot(bot_id="shop", name="가온마켓 도우미", allowed_origins=[origin]))
        return 0
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for n, row in enumerate(map(json.loads, lines)) if n < FIRST or row["id"] in MORE]
    data_dir = get_settings().data_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    corpus, off_topic = data_dir / "page.jsonl", data_dir / "off-topic.txt"
    corpus.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in [*rows, MARKUP]), encoding="utf-8")
    off_topic.write_text("\n".join(off_topic_questions()[::6]), encoding="utf-8")
    wiring.get_store().prepare()
    wiring.get_bots().publish(Bot(name="가온마켓 판매자센터"), {"name_given": True})
    return vectorize.main([str(corpus), "--off-topic", str(off_topic)])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
