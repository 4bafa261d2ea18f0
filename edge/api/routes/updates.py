"""`/updates/<digest>/manifest` and `bundle`: a gateway's firmware, fetched by the gateway itself.

Open to everybody who reaches the page: it is the published firmware, and what makes it one
gateway's is a code that only this gateway can check.
"""

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, Response

from edge.api.access import public
from edge.api.problems import described
from edge.provision.updates import served_file

router = APIRouter(prefix="/updates", tags=["installation"])


@router.get(
    "/{digest}/{name}",
    dependencies=[Depends(public)],
    response_class=Response,
    responses=described(404),
)
async def get_update(digest: str, name: str, request: Request) -> Response:
    """A file of an update that `rollcall gateway update` laid out: `manifest` or `bundle`."""
    data = request.app.state.data
    path = served_file(data, digest, name) if data else None
    if path is None:
        raise HTTPException(404, "There is no such update.")
    return FileResponse(path, media_type="application/octet-stream")
