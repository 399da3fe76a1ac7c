"""Units as Korean texts write them. Days are minutes, so that 24시간 is 하루; a month has no fixed length."""

# Written unit: what it counts, and how many of them
UNITS: dict[str, tuple[str, float]] = {
    **{"초": ("minute", 1 / 60), "분": ("minute", 1), "시간": ("minute", 60), "일": ("minute", 1_440)},
    **dict.fromkeys(("주일", "주간", "주"), ("minute", 10_080)),
    **dict.fromkeys(("개월", "달"), ("months", 1)),
    **dict.fromkeys(("년", "해"), ("months", 12)),
    **dict.fromkeys(("영업일", "근무일"), ("working day", 1)),
    **{"원": ("won", 1), "달러": ("dollar", 1), "불": ("dollar", 1), "유로": ("euro", 1), "엔": ("yen", 1)},
    **dict.fromkeys(("%", "퍼센트", "프로"), ("share", 0.01)),
    **dict.fromkeys(("번", "회", "차례"), ("time", 1)),
    **dict.fromkeys(("번째", "회차", "차"), ("nth", 1)),
    **dict.fromkeys(("명", "인", "사람"), ("person", 1)),
    **dict.fromkeys(("가지", "종류", "종", "개"), ("kind", 1)),
    **dict.fromkeys(("장", "매", "부"), ("sheet", 1)),
    **dict.fromkeys(("살", "세"), ("age", 1)),
    **dict.fromkeys(("곳", "군데"), ("place", 1)),
    **dict.fromkeys(("점", "포인트"), ("p", 1)),  # as 100P is read
    **dict.fromkeys(("글자", "자"), ("letter", 1)),
    **dict.fromkeys(("쪽", "페이지"), ("page", 1)),
    **dict.fromkeys(("기가바이트", "기가"), ("gb", 1)),
    **dict.fromkeys(("메가바이트", "메가"), ("mb", 1)),
    **dict.fromkeys(("센티미터", "센티"), ("cm", 1)),
    **{"킬로그램": ("kg", 1), "그램": ("g", 1), "킬로미터": ("km", 1), "미터": ("m", 1), "리터": ("l", 1)},
    **dict.fromkeys(("도", "℃", "°C"), ("°c", 1)),
    **{one: (one, 1) for one in ("단계", "분기", "건", "배", "층", "호", "조", "항", "대", "권", "병", "잔", "박")},
    **{one: (one, 1) for one in ("자리", "단어", "마리", "켤레", "벌", "박스", "팩", "평", "인분", "주년", "급", "위")},
}
# Those that a native numeral counts: 세 번, 열두 시간
NATIVE_UNITS = (
    *(
        "번째",
        "번",
        "가지",
        "개월",
        "개",
        "달",
        "시간",
        "명",
        "분",
        "살",
        "사람",
        "장",
        "권",
        "병",
        "곳",
        "군데",
        "차례",
    ),
    *("배", "주", "단계", "종류", "잔", "건", "쪽", "마리", "켤레", "벌", "박스", "팩", "해"),
)
# One of them says nothing: 한 번 더, 한 곳에
IDLE = frozenset(["번", "가지", "곳", "쪽", "대", "배", "장", "건", "개"])
DAYS = {"하루": 1, "일일": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "열흘": 10, "보름": 15}
