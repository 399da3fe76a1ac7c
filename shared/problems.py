"""What is wrong with what was sent, as one Korean sentence for each field. It repeats nothing that was in the field."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.lazy_patterns import lazy

PLACES = ("body", "query", "path", "header")

# What haedap's own models and checks say in English, for developers and scripts
_SAID: list[tuple[str, str]] = [
    (r"the Korean words are missing", "한국어 문구가 필요합니다."),
    (r"the header (\S+) is set by haedap itself", "{0} 헤더는 haedap이 직접 넣으므로 쓸 수 없습니다."),
    (r"'(.*)' is none of the fields", "'{0}'은(는) 쓸 값에 없는 이름입니다."),
    (r"two fields have the same label", "보이는 이름이 같은 값이 둘 있습니다."),
    (r"a GET has no body", "GET 요청에는 본문을 넣을 수 없습니다."),
    (r"two sources have the same id", "소스 ID가 같은 소스가 둘 있습니다."),
    (r"two feedback reasons have the same label or code", "보이는 문구나 코드가 같은 이유가 둘 있습니다."),
    (
        r"a budget in won needs the prices of the model, .*",
        "금액으로 정한 예산에는 모델의 입력 요금과 출력 요금이 필요합니다.",
    ),
    (r"'(.+)' reads like one before it", "'{0}'은(는) 앞의 것과 구별되지 않습니다. 다른 이름을 써 주세요."),
    (r"not https \(LINK_HOSTS\)", "https 주소여야 합니다."),
    (r"host not allowed \(LINK_HOSTS\)", "허용된 호스트(LINK_HOSTS)의 주소가 아닙니다."),
    (r".+ \(LINK_HOSTS\)", "쓸 수 있는 주소가 아닙니다."),
    (r"two have the name '(.+)'", "이름이 '{0}'인 것이 둘 있습니다."),
    (r"two have the code '(.+)'", "코드가 '{0}'인 것이 둘 있습니다."),
    (r"'(.*)' is none of the categories", "'{0}'은(는) 챗봇에 없는 분류입니다."),
    (r"(.+) is not filled in; .+ alone is", "{0}은(는) 채워지지 않습니다. {{name}}만 쓸 수 있습니다."),
    (r"one of them at least must be more than 0", "가중치 가운데 하나는 0보다 커야 합니다."),
    (r"the secret (\S+) is not in BOT_SECRETS", "비밀 값 {0}이(가) BOT_SECRETS에 없습니다."),
    (r"the secret (\S+) is not for this host", "비밀 값 {0}은(는) 이 호스트에 보낼 수 없습니다."),
    (
        r"the secret (\S+) would be sent unencrypted to .*",
        "비밀 값 {0}을(를) 암호화하지 않고 보내려면 내부망 호스트에 그 호스트가 있어야 합니다.",
    ),
    (r"nothing but \{secret:NAME\} can stand in braces here", "중괄호에는 {{secret:이름}}만 쓸 수 있습니다."),
    (r"no JSON Schema: .*", "올바른 JSON Schema가 아닙니다."),
    (r"too deep", "너무 깊이 중첩되어 있습니다."),
    (r"an object with properties is expected", "properties가 있는 object여야 합니다."),
    (r"other arguments are always refused", "true로 둘 수 없습니다. 적지 않은 인자는 항상 거절합니다."),
    (r"'(.*)' is none of the properties", "'{0}'은(는) properties에 없는 이름입니다."),
    (r"'(.*)': letters, digits and '_' only, at most 64", "'{0}': 영문자, 숫자, '_'만 64자까지 쓸 수 있습니다."),
    (r"one of (.+) is expected", "다음 가운데 하나여야 합니다: {0}."),
    (r"at least one value, and none of them twice, is expected", "값이 하나 이상이어야 하고 겹치면 안 됩니다."),
    (r"the keyword '(.*)' is not supported here", "'{0}' 키워드는 여기에 쓸 수 없습니다."),
    (r"no address of a web server(?:, or one with a fragment|: there is no such port)?", "웹 주소가 아닙니다."),
    (r"no argument can stand in the host", "호스트에는 인자를 넣을 수 없습니다."),
    (
        r"no user name and password; put them into a header, as a secret|an address with a user name or a password",
        "주소에 아이디와 비밀번호를 넣을 수 없습니다. 비밀 값으로 헤더에 넣어 주세요.",
    ),
    (r"arguments of the query stand in the field query", "쿼리의 인자는 쿼리 항목에 적어 주세요."),
    (r"braces that name no argument", "인자 이름이 없는 중괄호가 있습니다."),
    (r"'\.\.' in its path", "경로에 '..'을 쓸 수 없습니다."),
    (r"(\S+) must be a required parameter", "{0}은(는) 필수 인자(required)여야 합니다."),
    (r"a secret can stand in a header only", "비밀 값은 헤더에만 쓸 수 있습니다."),
    (r"(\{.+\}) is none of the parameters", "{0}은(는) 인자에 없는 이름입니다."),
    (r"no JMESPath: .*", "올바른 JMESPath가 아닙니다."),
    (r"more than (\w+) characters", "{0}자를 넘을 수 없습니다."),
    (r"a bracket that closes nothing|a group that does not end", "정규식의 괄호가 맞지 않습니다."),
    (r"it may take too long on .*", "검사에 너무 오래 걸릴 수 있는 정규식입니다. ^로 시작하고 반복을 줄여 주세요."),
    (r"too many groups inside each other", "정규식의 그룹이 너무 깊습니다."),
    (r"only plain groups, classes and repetitions are supported.*", "지원하지 않는 정규식 문법입니다."),
]
_KOREAN = lazy(r"[가-힣]")


def path_of(loc: Sequence[str | int]) -> str:
    """Where a problem is, `sources.0.url`, without the part of the request."""
    return ".".join(str(part) for part in (loc[1:] if loc and loc[0] in PLACES else loc))


def in_korean(problem: Mapping[str, Any], named: str | None = None) -> str:
    """One sentence for one of pydantic's problems. Says which field, never what was in it.

    Parameters
    ----------
    named
        How the field is called; without it it is told as its path, for programs.
    """
    field, context = path_of(problem["loc"]) if named is None else named, problem.get("ctx", {})
    named = field or "요청 본문"
    match problem["type"]:
        case "missing":
            return f"{field} 값이 필요합니다." if field else "요청 본문이 필요합니다."
        case "json_invalid":
            return "요청 본문이 올바른 JSON이 아닙니다."
        case kind if kind.endswith("_type") and problem.get("input") is None:
            return f"{named} 값이 필요합니다."
        case "string_too_short" | "too_short":
            return f"{field} 값은 {context['min_length']}{_counted(context)} 이상이어야 합니다."
        case "string_too_long" | "too_long":
            return f"{field} 값은 {context['max_length']}{_counted(context)} 이하여야 합니다."
        case "string_type":
            return f"{field} 값은 문자열이어야 합니다."
        case "literal_error" | "union_tag_invalid":
            allowed = str(context.get("expected") or context.get("expected_tags")).replace(" or ", ", ")
            return f"{named} 값은 다음 가운데 하나여야 합니다: {allowed}."
        case "extra_forbidden":
            return f"{named} 항목은 없는 항목입니다. 이름을 확인해 주세요."
        case "value_error":
            return _told(field, str(context["error"]))
        case kind:
            return f"{named} {_RULES.get(kind, '값이 올바르지 않습니다.').format(**context)}"


_RULES = {
    "greater_than_equal": "값은 {ge:g} 이상이어야 합니다.",
    "greater_than": "값은 {gt:g}보다 커야 합니다.",
    "less_than_equal": "값은 {le:g} 이하여야 합니다.",
    "less_than": "값은 {lt:g}보다 작아야 합니다.",
    "string_pattern_mismatch": "값의 형식이 올바르지 않습니다.",
    "int_type": "값은 정수여야 합니다.",
    "int_parsing": "값은 정수여야 합니다.",
    "int_from_float": "값은 정수여야 합니다.",
    "float_type": "값은 숫자여야 합니다.",
    "float_parsing": "값은 숫자여야 합니다.",
    "finite_number": "값은 숫자여야 합니다.",
    "bool_type": "값은 true 또는 false여야 합니다.",
    "bool_parsing": "값은 true 또는 false여야 합니다.",
    "list_type": "값은 목록이어야 합니다.",
    "dict_type": "값은 객체여야 합니다.",
    "model_type": "값은 객체여야 합니다.",
    "model_attributes_type": "값은 객체여야 합니다.",
    "union_tag_not_found": "값에는 종류(kind)가 필요합니다.",
}


def said_in_korean(english: str) -> str:
    """One of haedap's own English reasons; one that is not known here is told as it is."""
    for pattern, korean in _SAID:
        if (found := re.fullmatch(pattern, english, re.DOTALL)) is not None:
            return korean.format(*found.groups())
    return f"쓸 수 없는 값입니다. ({english})"


def _told(field: str, said: str) -> str:
    if _KOREAN.search(said):  # it is for a person already, and names what it is about
        return said
    return f"{field}: {said_in_korean(said)}" if field else said_in_korean(said)


def _counted(context: Mapping[str, Any]) -> str:
    return "개" if context.get("field_type") in ("List", "Dictionary") else "자"
