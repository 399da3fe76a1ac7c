"""Why a company's API could not be asked, as an operator who sets it up reads it. No I/O."""

import re

_SAID: list[tuple[str, str]] = [  # what `shared.sources` says in English, for logs and records
    (
        r"(\S+) is not in the public internet, nor in allowed_hosts",
        "{0}은(는) 공개 주소도 내부망 호스트도 아닙니다.",
    ),
    (r"cannot resolve (\S+) .*", "{0}의 주소를 찾지 못했습니다."),
    (r"no answer in time", "시간 안에 응답이 오지 않았습니다."),
    (r"no connection .*", "서버에 연결하지 못했습니다."),
    (r"the connection broke .*", "연결이 끊어졌습니다."),
    (r"too many redirects", "다른 주소로 너무 여러 번 넘깁니다."),
    (r"a redirect .*", "따라갈 수 없는 주소로 넘깁니다."),
    (r"HTTP (\d+)", "서버가 HTTP {0}(으)로 답했습니다."),
    (r"the response is not JSON", "응답이 JSON이 아닙니다."),
    (r"the response is larger than (\d+) bytes", "응답이 {0}바이트보다 큽니다."),
    (r"the response .*(?:packed|unpacked).*", "응답의 압축을 풀 수 없습니다."),
    (r"required are (.+)", "꼭 있어야 하는 인자: {0}."),
    (r"unknown argument; known are none", "이 소스는 인자를 받지 않습니다."),
    (r"unknown argument; known are (.+)", "모르는 인자가 있습니다. 받는 인자: {0}."),
    (r"(\S+): must be of type (.+)", "{0}의 형식은 {1}이어야 합니다."),
    (r"(\S+): must be one of (.+)", "{0}은(는) 다음 가운데 하나여야 합니다: {1}."),
    (r"(\S+): must be text of at most (\d+) characters", "{0}은(는) {1}자 이하의 글이어야 합니다."),
    (r"(.+): must not be .*", "{0}은(는) 비울 수 없고, 점만 적거나 /, \\, %, 제어 문자를 넣을 수 없습니다."),
    (r"(\S+): (\w+) is (.+)", "{0}이(가) 규칙에 맞지 않습니다({1}: {2})."),
]


def in_korean(reasons: str) -> str:
    """One or more of them, joined with `; `; what is not known here stays as it is."""
    return " ".join(map(_one, re.split("; (?!known are )", reasons)))


def _one(reason: str) -> str:
    for pattern, korean in _SAID:
        if (found := re.fullmatch(pattern, reason, re.DOTALL)) is not None:
            return korean.format(*found.groups())
    return reason
