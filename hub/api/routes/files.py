"""Files: uploaded whole or in pieces before a ticket claims them, and handed out as downloads, never as pages.

The same operations stand under a body, for whoever opens a case there and for its machines, and under a ticket of a
case, for its citizen.
"""

# Annotations are read where they stand: the guard of a family of routes is known only there.

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hub.api import bodies, receipts
from hub.api.calls import Answer, Call
from hub.api.errors import BodyTooLarge, NoSuchPlace
from hub.api.guards import Anybody, AnybodyOrMachine, CitizenOfCase, Guard
from hub.api.routing import StrictRoute, read_body
from hub.attachments import actions, queries
from hub.attachments.queries import AttachmentView, Download
from hub.attachments.settings import file_settings
from hub.stories.views import FileView
from hub.tickets.access import ticket_for
from tenants.context import Context

_IN_MEMORY: Final = 1_000_000
_MOST_PIECES: Final = 10**12
_RAW: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ANY_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file's bytes, under the media type that they were found to be of.",
        "content": {"application/octet-stream": _ANY_BYTES, "*/*": _ANY_BYTES},
    }
}


async def _piece(request: Request) -> bytes:
    content = await read_body(request, file_settings().bytes_per_piece)
    request.state.file_digest = hashlib.sha256(content).digest()
    return content


@asynccontextmanager
async def _whole(request: Request) -> AsyncIterator[IO[bytes]]:
    most, size, digest = file_settings().bytes_per_file, 0, hashlib.sha256()
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise BodyTooLarge(field="body", most=most)
            digest.update(piece)
            file.write(piece)
        request.state.file_digest = digest.digest()
        yield file


_Name = Annotated[str, Query(max_length=1_000, description="What the file is called.")]
_Checksum = Annotated[
    str | None, Query(max_length=100, description="SHA-256 of the file in hex, to be checked.")
]
_Offset = Annotated[int, Path(ge=0, le=_MOST_PIECES, description="Where the piece begins, in bytes.")]


def _family(prefix: str, guard: Guard, bind: Callable[[Call, Context], Context]) -> APIRouter:
    """The routes of uploading and fetching under one prefix; `bind` finds the one body that the files are for."""
    router = APIRouter(prefix=prefix, route_class=StrictRoute, tags=["Files"])
    calling = Annotated[Call, Depends(guard)]

    # Bytes are taken from nobody before the guard has let them in.
    async def sent_piece(call: calling, request: Request) -> bytes:
        await run_in_threadpool(call.admitted)
        return await _piece(request)

    async def sent_whole(call: calling, request: Request) -> AsyncIterator[IO[bytes]]:
        await run_in_threadpool(call.admitted)
        async with _whole(request) as file:
            yield file

    piece_sent = Annotated[bytes, Depends(sent_piece)]
    whole_sent = Annotated[IO[bytes], Depends(sent_whole)]

    def perform(call: Call, act: Callable[[Context], Answer]) -> Response:
        return call.perform(lambda context: act(bind(call, context)))

    def read(call: Call, look: Callable[[Context], Answer]) -> Response:
        return call.read(lambda context: look(bind(call, context)))

    @router.post("", response_model=receipts.UploadBegun, status_code=HTTPStatus.CREATED)
    def begin_upload(call: calling, body: bodies.UploadGiven) -> Response:
        """Announce a file that will be sent in pieces, so that a broken line costs no more than one of them."""

        def act(context: Context) -> Answer:
            begun = actions.begin_upload(context, name=body.name, size=body.size)
            told = receipts.UploadBegun(
                id=begun.id, name=begun.name, size=begun.size, most_bytes_per_piece=begun.most_bytes_per_piece
            )
            return Answer(told, HTTPStatus.CREATED)

        return perform(call, act)

    @router.post(
        "/whole", response_model=receipts.UploadDone, status_code=HTTPStatus.CREATED, openapi_extra=_RAW
    )
    def upload_whole(call: calling, content: whole_sent, name: _Name, sha256: _Checksum = None) -> Response:
        """Send a file at once."""

        def act(context: Context) -> Answer:
            size = content.tell()
            content.seek(0)
            done = actions.upload(context, name=name, content=content, size=size, sha256=sha256)
            return Answer(_done(done), HTTPStatus.CREATED)

        return perform(call, act)

    @router.put(
        "/{attachment_id}/pieces/{offset}", response_model=receipts.UploadProgress, openapi_extra=_RAW
    )
    def put_piece(call: calling, attachment_id: UUID, offset: _Offset, content: piece_sent) -> Response:
        """Send one piece; the same piece again changes nothing."""

        def act(context: Context) -> Answer:
            progress = actions.put_piece(context, attachment_id, offset=offset, content=content)
            return Answer(receipts.UploadProgress(received=progress.received, size=progress.size))

        return perform(call, act)

    @router.get("/{attachment_id}/progress", response_model=receipts.UploadProgress)
    def read_progress(call: calling, attachment_id: UUID) -> Response:
        """Ask how much has arrived, to go on from there."""

        def look(context: Context) -> Answer:
            progress = queries.progress_of(context, attachment_id)
            return Answer(receipts.UploadProgress(received=progress.received, size=progress.size))

        return read(call, look)

    @router.post("/{attachment_id}/finish", response_model=receipts.UploadDone)
    def finish_upload(call: calling, attachment_id: UUID, body: bodies.UploadFinished) -> Response:
        """Say that all pieces were sent. A photo's place is told once, for the citizen to give or to leave out."""
        return perform(
            call,
            lambda context: Answer(_done(actions.finish_upload(context, attachment_id, sha256=body.sha256))),
        )

    @router.get("/{attachment_id}", response_model=FileView)
    def read_file(call: calling, attachment_id: UUID) -> Response:
        """Read how a file stands: still examined, to be had, or refused and why."""
        return read(
            call, lambda context: Answer(_view(context, queries.attachment_view(context, attachment_id)))
        )

    @router.delete("/{attachment_id}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
    def delete_file(call: calling, attachment_id: UUID) -> Response:
        """Take a file back before a ticket has claimed it."""

        def act(context: Context) -> Answer:
            actions.delete(context, attachment_id)
            return Answer(None, HTTPStatus.NO_CONTENT)

        return perform(call, act)

    @router.get("/{attachment_id}/content", response_class=Response, responses=_BYTES)
    def download(call: calling, attachment_id: UUID) -> Response:
        """Fetch a file's bytes."""
        with call.work() as context:
            found = queries.read(bind(call, context), attachment_id)
        return _sent(found, call.headers)

    @router.post("/{attachment_id}/link", response_model=receipts.LinkView)
    def make_link(call: calling, attachment_id: UUID) -> Response:
        """Make an address that gives the file to a browser for a few minutes, without any key."""

        def act(context: Context) -> Answer:
            link = queries.make_link(context, attachment_id)
            told = receipts.LinkView(path=f"/api/v1/files/{link.token}", expires_at=link.expires_at)
            return Answer(told, headers={"Cache-Control": "no-store"})

        return perform(call, act)

    return router


def _of_tenant(_call: Call, context: Context) -> Context:
    return context


def _of_ticket(call: Call, context: Context) -> Context:
    """The citizen's context narrowed to the body of the ticket that the path names."""
    try:
        ticket_id = UUID(call.request.path_params["ticket_id"])
    except ValueError:
        raise NoSuchPlace() from None
    return context.narrowed(ticket_for(context, ticket_id).tenant_id)


def _done(done: actions.Finished) -> receipts.UploadDone:
    place = done.place
    return receipts.UploadDone(
        id=done.id,
        name=done.name,
        state=done.state,
        refused_because=done.because,
        place=None
        if place is None
        else receipts.PhotoPlaceView(latitude=place.latitude, longitude=place.longitude),
    )


def _view(context: Context, file: AttachmentView) -> FileView:
    return FileView(
        id=file.id,
        name=file.name,
        state=file.state,
        media_type=file.media_type,
        size=file.size,
        uploaded_at=file.uploaded_at,
        refused_because=file.refused_because,
        reason=file.reason.in_language(context.language) if file.reason else None,
    )


def _sent(file: Download, headers: dict[str, str]) -> Response:
    """A file on its way out: never shown as a page, whatever it holds."""
    response = StreamingResponse(file.chunks, media_type=file.media_type)
    response.headers["Content-Length"] = str(file.size)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["ETag"] = f'"{file.sha256.hex()}"'
    response.headers.update(headers)
    return response


_links = APIRouter(route_class=StrictRoute, tags=["Files"])


@_links.get("/files/{token}", response_class=Response, responses=_BYTES)
def open_link(call: Annotated[Call, Depends(Anybody())], token: str) -> Response:
    """Fetch the file of a short-lived link."""
    call.admitted()
    return _sent(queries.open_link(call.database, token, language=call.language), call.headers)


router = APIRouter()
router.include_router(_family("/tenants/{tenant}/attachments", AnybodyOrMachine(), _of_tenant))
router.include_router(_family("/cases/{number}/tickets/{ticket_id}/attachments", CitizenOfCase(), _of_ticket))
router.include_router(_links)
