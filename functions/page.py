"""The web pages as built: `/`, which others may frame as `/widget`; the console `/admin`; the API's own, `/docs`."""

from pathlib import Path

from fastapi import APIRouter
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from shared.callers import Bot
from shared.cross_origin import documentation_policy, page_policy
from shared.settings import get_settings

_NO_PAGE = (
    "웹 페이지가 아직 빌드되지 않았습니다. Node.js 20.19 이상을 설치하고 `make page`를 실행한 뒤 다시 시작해 주세요.\n"
)
_CHECK_EACH_TIME = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"  # their names hold a digest of what they hold
_FIVE_MINUTES = "public, max-age=300"  # the widget's loader has one name for ever, in other companies' pages
_COMPRESSION = 6
_FOR_ALL_SITES = {"Cross-Origin-Resource-Policy": "cross-origin"}


class Page(Mount):
    """The web page: at all addresses but the API's, where what is unknown is a 404 and a wrong method a 405."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the page answers this request."""
        of_the_api = f"{scope['path']}/".startswith(("/v1/", "/openai/"))
        return (Match.NONE, {}) if of_the_api else super().matches(scope)


class _Files(StaticFiles):
    """What was built, with how long a browser may keep it, and never in a frame of another origin."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(_file_of(path), scope)
        response.headers["Cache-Control"] = _kept(path)
        response.headers.update(_alone(page_policy(get_settings().media_hosts)))
        if path == "widget.js":
            response.headers.update(_FOR_ALL_SITES)
        return response


class _PackedFile(FileResponse):
    """A file, compressed for who takes that."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await GZipMiddleware(super().__call__, compresslevel=_COMPRESSION)(scope, receive, send)


def page(folder: Path) -> Page:
    """The page as it was built into this folder, compressed for who takes it, or a line that says that it was not."""
    if not _is_built(folder):
        return Page("/", _tell_no_page, name="page")
    return Page("/", GZipMiddleware(_Files(directory=folder, html=True), compresslevel=_COMPRESSION), name="page")


def widget(folder: Path) -> APIRouter:
    """The same page, for frames: which other origins' pages may frame it is the bot's to say."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/widget", methods=["GET", "HEAD"])
    def widget(bot: Bot) -> Response:
        if not _is_built(folder):
            return PlainTextResponse(_NO_PAGE, status_code=503)
        policy = page_policy(get_settings().media_hosts, bot)
        headers = {"Cache-Control": _CHECK_EACH_TIME, "Content-Security-Policy": policy}
        return _PackedFile(folder / "index.html", headers={**headers, **_FOR_ALL_SITES})

    return router


def documentation(folder: Path) -> APIRouter:
    """The API's own page, on which its calls are tried with the visitor's cookie: in no frame of another origin."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/docs", methods=["GET", "HEAD"])
    def docs() -> Response:
        built = folder / "docs.html"
        if not built.is_file():
            return PlainTextResponse(_NO_PAGE, status_code=503)
        return _PackedFile(built, headers={"Cache-Control": _CHECK_EACH_TIME, **_alone(documentation_policy())})

    return router


def _alone(policy: str) -> dict[str, str]:
    """Of a page with this policy that no other origin frames, nor reaches by the window that it was opened in."""
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "SAMEORIGIN",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _is_built(folder: Path) -> bool:
    return (folder / "index.html").is_file()


def _file_of(path: str) -> str:
    """What stands at an address: below `/admin` the console, which reads the rest itself."""
    return "admin.html" if f"{path}/".startswith("admin/") else path


def _kept(path: str) -> str:
    if path.startswith("assets/"):
        return _FOR_EVER
    return _FIVE_MINUTES if path == "widget.js" else _CHECK_EACH_TIME


async def _tell_no_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Say what to do where the page was not built. The API is served all the same."""
    await PlainTextResponse(_NO_PAGE, status_code=503)(scope, receive, send)
