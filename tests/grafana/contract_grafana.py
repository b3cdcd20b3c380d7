"""What a Grafana holds and answers, for the contract server: folders, dashboards, public dashboards, queries.

Status codes, shapes and error ids are Grafana's (docs and sources of 12 and 13). Beyond that an unknown field is
refused, where Grafana passes over it: what it passes over was meant, and had no effect.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from tests.grafana.contract_rules import (
    Refused,
    answers,
    check_dashboard,
    check_panel_query,
    check_public,
    check_query,
    check_token,
    only,
    panels_of,
    sanitised,
)

_NOT_FOUND: Final = ("Dashboard not found", "publicdashboards.notFound")
Hook = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@dataclass
class Stored:
    """A dashboard as it is kept."""

    model: dict[str, Any]
    folder: str
    provisioned: bool = False
    messages: list[str] = field(default_factory=list)


@dataclass
class ContractGrafana:
    """What it holds and how it behaves.

    Attributes:
        url: where it answers.
        stores_otherwise: gives a dashboard back in another form than it was given.
        public_switched_on: `[public_dashboards] enabled`.
        hook: looks at every request first; what it returns is the answer, None goes on.
        seen: method, path and whether it was signed, of every request.
    """

    url: str = ""
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)
    dashboards: dict[str, Stored] = field(default_factory=dict)
    public: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    stores_otherwise: bool = False
    public_switched_on: bool = True
    hook: Hook | None = None
    seen: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Requests that were to change something."""
        return [(method, path) for method, path, _ in self.seen if method != "GET"]

    def provision(self, model: dict[str, Any], folder: str = "caseclock-public") -> None:
        """As a file would."""
        self.folders.setdefault(folder, {"uid": folder, "title": folder, "version": 1})
        self.dashboards[model["uid"]] = Stored({**model, "version": 1}, folder, provisioned=True)

    async def health(self, _request: web.Request) -> object:
        return {"commit": "c0ffee", "database": "ok", "version": "13.2.3"}

    async def get_folder(self, request: web.Request) -> object:
        found = self.folders.get(request.match_info["uid"])
        if found is None:
            raise Refused(404, "folder not found", status="not-found")
        return found

    async def create_folder(self, request: web.Request) -> object:
        body = only(await request.json(), "uid", "title", needed=("uid", "title"))
        if not body["title"]:
            raise Refused(400, "folder title cannot be empty")
        if body["uid"] in self.folders:
            raise Refused(409, "a folder/dashboard with the same uid already exists")
        self.folders[body["uid"]] = {**body, "id": len(self.folders) + 1, "version": 1}
        return self.folders[body["uid"]]

    async def update_folder(self, request: web.Request) -> object:
        await self.get_folder(request)
        found = self.folders[request.match_info["uid"]]
        body = only(await request.json(), "title", "version", "overwrite", needed=("title",))
        if not body.get("overwrite") and body.get("version") != found["version"]:
            raise Refused(412, "the folder has been changed by someone else", status="version-mismatch")
        found |= {"title": body["title"], "version": found["version"] + 1}
        return found

    async def save(self, request: web.Request) -> object:
        body = only(
            await request.json(), "dashboard", "folderUid", "overwrite", "message", needed=("dashboard",)
        )
        model = check_dashboard(body["dashboard"])
        folder, found = body.get("folderUid", ""), self.dashboards.get(model["uid"])
        if folder not in self.folders:
            raise Refused(400, "folder not found")
        if found is not None and found.provisioned:
            raise Refused(400, "Cannot save provisioned dashboard")
        if found is not None and not body.get("overwrite"):
            raise Refused(412, "The dashboard has been changed by someone else", status="version-mismatch")
        if len(body.get("message", "")) > 500:
            raise Refused(400, "message too long, max 500 characters")
        same_title = [
            uid
            for uid, other in self.dashboards.items()
            if uid != model["uid"] and (other.folder, other.model["title"]) == (folder, model["title"])
        ]
        if same_title:
            raise Refused(
                412, "A dashboard with the same name in the folder already exists", status="name-exists"
            )
        messages = [*(found.messages if found else []), body.get("message", "")]
        number = len(self.dashboards) if found is None else found.model["id"]
        kept = {**model, "id": number, "version": len(messages)}
        if self.stores_otherwise:
            kept |= {"schemaVersion": 99, "preload": False}
        self.dashboards[model["uid"]] = Stored(kept, folder, messages=messages)
        path = f"/d/{model['uid']}/x"
        return {"status": "success", "uid": model["uid"], "id": number, "version": len(messages), "url": path}

    async def get_dashboard(self, request: web.Request) -> object:
        found = self._dashboard(request)
        meta = {
            "folderUid": found.folder,
            "provisioned": found.provisioned,
            "version": found.model["version"],
        }
        return {"dashboard": found.model, "meta": meta}

    async def delete_dashboard(self, request: web.Request) -> object:
        found = self._dashboard(request)
        if found.provisioned:
            raise Refused(400, "provisioned dashboard cannot be deleted")
        del self.dashboards[request.match_info["uid"]]
        self.public.pop(request.match_info["uid"], None)
        return {"title": found.model["title"], "message": "Dashboard deleted", "id": found.model["id"]}

    async def delete_folder(self, request: web.Request) -> object:
        await self.get_folder(request)
        if any(each.folder == request.match_info["uid"] for each in self.dashboards.values()):
            raise Refused(
                400, "folder is not empty"
            )  # stricter than Grafana, which would take all of it along
        del self.folders[request.match_info["uid"]]
        return {"message": "Folder deleted"}

    async def versions(self, request: web.Request) -> object:
        told = [
            {"version": number, "message": message}
            for number, message in enumerate(self._dashboard(request).messages, 1)
        ]
        return {"continueToken": "", "versions": told[::-1][: int(request.query.get("limit", 1000))]}

    async def source(self, request: web.Request) -> object:
        uid = request.match_info["uid"]
        if uid not in self.sources:
            raise Refused(404, "Data source not found")
        return {"uid": uid, "type": self.sources[uid]}

    async def query(self, request: web.Request) -> object:
        body = only(await request.json(), "queries", "from", "to", needed=("queries", "from", "to"))
        if not body["queries"]:
            raise Refused(400, "No queries found")
        return answers([check_query(each, self.sources)["refId"] for each in body["queries"]])

    async def get_public(self, request: web.Request) -> object:
        uid = request.match_info["uid"]
        if uid not in self.public:
            raise Refused(404, *_NOT_FOUND)
        return self.public[uid]

    async def create_public(self, request: web.Request) -> object:
        uid = request.match_info["uid"]
        body = check_public(await request.json(), len(await request.read()), creates=True)
        if uid not in self.dashboards:
            raise Refused(404, "Dashboard not found", "publicdashboards.dashboardNotFound")
        if uid in self.public:
            raise Refused(400, "Dashboard is already public", "publicdashboards.dashboardIsPublic")
        if self.dashboards[uid].model.get("templating", {}).get("list"):
            raise Refused(400, "Dashboard has template variables", "publicdashboards.hasTemplateVariables")
        token = body.get("accessToken") or uuid.uuid4().hex
        if any(other["accessToken"] == token for other in self.public.values()):
            raise Refused(400, "Dashboard Access Token already exists", "publicdashboards.accessTokenExists")
        self.public[uid] = {
            "uid": f"pub{len(self.seen)}",
            "isEnabled": False,
            "timeSelectionEnabled": False,
            "annotationsEnabled": False,
            "share": "public",
            **body,
            "dashboardUid": uid,
            "accessToken": token,
        }
        return self.public[uid]

    async def update_public(self, request: web.Request) -> object:
        found = self._public(request)
        found |= check_public(await request.json(), len(await request.read()), creates=False)
        return found

    async def delete_public(self, request: web.Request) -> web.Response:
        del self.public[self._public(request)["dashboardUid"]]
        return web.Response()

    async def page(self, request: web.Request) -> object:
        shown, found = self._shown(request)
        model = sanitised(found.model, time_selection=shown["timeSelectionEnabled"])
        return {"dashboard": model, "meta": {"publicDashboardEnabled": True, "folderUid": found.folder}}

    async def panel(self, request: web.Request) -> object:
        _, found = self._shown(request)
        check_panel_query(await request.json())
        wanted = request.match_info["panel"]
        panel = next((each for each in panels_of(found.model) if str(each["id"]) == wanted), None)
        if panel is None:
            raise Refused(404, "Dashboard panel not found", "publicdashboards.panelNotFound")
        if not panel.get("targets"):
            raise Refused(
                400, "Failed to extract queries from panel", "publicdashboards.panelQueriesNotFound"
            )
        return answers([each["refId"] for each in panel["targets"]])

    def _dashboard(self, request: web.Request) -> Stored:
        found = self.dashboards.get(request.match_info["uid"])
        if found is None:
            raise Refused(404, "Dashboard not found", status="not-found")
        return found

    def _public(self, request: web.Request) -> dict[str, Any]:
        for found in self.public.values():
            if found["uid"] == request.match_info["pub"]:
                if found["dashboardUid"] != request.match_info["uid"]:
                    raise Refused(400, "Invalid Uid", "publicdashboards.invalidUid")
                return found
        raise Refused(404, *_NOT_FOUND)

    def _shown(self, request: web.Request) -> tuple[dict[str, Any], Stored]:
        check_token(request.match_info["token"])
        for found in self.public.values():
            if found["accessToken"] == request.match_info["token"]:
                if not found["isEnabled"]:
                    raise Refused(403, "Dashboard paused", "publicdashboards.notEnabled")
                return found, self.dashboards[found["dashboardUid"]]
        raise Refused(404, *_NOT_FOUND)
