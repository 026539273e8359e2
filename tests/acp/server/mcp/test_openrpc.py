"""The OpenRPC document describes every tool, and points nowhere else."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from tests.acp.server.conftest import READY
from tests.acp.server.mcp.conftest import META


async def test_it_is_served_to_anybody_and_names_every_tool_that_is_listed(counter):
    about = (await counter.rest.get("/mcp/openrpc.json")).json()
    async with counter.client() as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
    assert [method["name"] for method in about["methods"]] == listed
    assert about["servers"] == [{"name": "a shop", "url": f"{counter.url}/mcp"}]


async def test_every_reference_leads_to_a_component_of_the_document(counter):
    response = await counter.rest.get("/mcp/openrpc.json")
    about, text = response.json(), response.text
    assert "$defs" not in text
    for pointer in _references(about):
        assert pointer.removeprefix("#/components/schemas/") in about["components"]["schemas"]


async def test_its_schemas_take_what_is_sent_and_what_is_answered(counter):
    about = (await counter.rest.get("/mcp/openrpc.json")).json()
    create = about["methods"][0]
    session = await counter.session()
    payload = next(param["schema"] for param in create["params"] if param["name"] == "payload")
    for schema, document in ((payload, READY), (create["result"]["schema"], session)):
        assert Draft202012Validator(schema | {"components": about["components"]}).is_valid(document)
        assert not Draft202012Validator(schema | {"components": about["components"]}).is_valid({})
    assert [param["name"] for param in create["params"] if param["required"]] == ["meta", "payload"]
    assert META.keys() <= create["params"][0]["schema"]["properties"].keys()


def _references(node):
    for pointer in json.dumps(node).split('"$ref": "')[1:]:
        yield pointer.partition('"')[0]
