"""The definitions of the tools: the full set says what the schemas say, the strict one what strict calling takes."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from agents.strict_schema import ensure_strict_json_schema
from jsonschema import Draft202012Validator

from acp.agent.tools import definitions, for_chat, for_responses
from acp.agent.tools.strict import SUBSET, strict_schema

STRICT = definitions(search=True)
FULL = definitions(strict=False, search=True)
FORBIDDEN = ("payment_data", "token", "number", "cvc", "api_key", "authorization", "credential", "capabilities")


def names(found):
    return [each.name for each in found]


def schemas_in(node):
    """Every schema within a schema."""
    yield node
    for name in ("properties", "$defs"):
        for each in node.get(name, {}).values():
            yield from schemas_in(each)
    for each in node.get("anyOf", ()):
        yield from schemas_in(each)
    if isinstance(node.get("items"), dict):
        yield from schemas_in(node["items"])


def levels(node, root):
    if "$ref" in node:
        return levels(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root)
    inner = [
        *node.get("properties", {}).values(),
        *node.get("anyOf", ()),
        *([node["items"]] if "items" in node else []),
    ]
    return (node.get("type") == "object") + max((levels(each, root) for each in inner), default=0)


@pytest.mark.parametrize("tool", STRICT, ids=names(STRICT))
def test_every_keyword_of_a_strict_tool_is_one_that_the_platform_documents(tool):
    for schema in schemas_in(tool.parameters):
        assert set(schema) <= set(SUBSET["keywords"])
        assert schema.get("format", "uuid") in SUBSET["formats"]


@pytest.mark.parametrize("tool", STRICT, ids=names(STRICT))
def test_every_object_of_a_strict_tool_is_closed_and_has_all_its_members_required(tool):
    objects = [each for each in schemas_in(tool.parameters) if each.get("type") == "object"]
    assert objects
    for each in objects:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


@pytest.mark.parametrize("tool", STRICT, ids=names(STRICT))
def test_the_strict_converter_of_the_agents_sdk_returns_it_unchanged(tool):
    assert ensure_strict_json_schema(deepcopy(tool.parameters)) == tool.parameters


@pytest.mark.parametrize("tool", STRICT, ids=names(STRICT))
def test_a_strict_tool_is_within_the_limits_of_the_platform(tool):
    found = list(schemas_in(tool.parameters))
    assert sum(len(each.get("properties", {})) for each in found) <= SUBSET["most_members"]
    assert sum(len(each.get("enum", ())) for each in found) <= SUBSET["most_enum_values"]
    assert levels(tool.parameters, tool.parameters) <= SUBSET["most_levels"]
    assert len(json.dumps(tool.parameters)) <= SUBSET["most_characters"]
    assert len(tool.name) <= 64


@pytest.mark.parametrize("tool", [*STRICT, *FULL], ids=lambda tool: f"{tool.name}-{tool.strict}")
def test_no_tool_has_an_argument_for_a_secret_or_for_what_the_host_decides(tool):
    Draft202012Validator.check_schema(tool.parameters)
    members = {name for each in schemas_in(tool.parameters) for name in each.get("properties", {})}
    assert not members & set(FORBIDDEN)
    assert tool.parameters["type"] == "object"


def test_what_was_optional_is_nullable_and_what_was_required_is_not():
    create = next(tool for tool in STRICT if tool.name == "create_checkout_session").parameters
    check = Draft202012Validator(create)
    nothing = dict.fromkeys(create["properties"])
    item = dict.fromkeys(create["$defs"]["Item"]["properties"]) | {"id": "mug"}
    assert check.is_valid(nothing | {"line_items": [item]})
    assert not check.is_valid(nothing)
    assert not check.is_valid({"line_items": [item]})


def test_open_maps_are_left_out_of_the_strict_set_and_stand_in_the_full_one():
    strict, full = (
        next(tool.parameters for tool in found if tool.name == "create_checkout_session") for found in (STRICT, FULL)
    )
    assert "metadata" not in strict["properties"]
    assert "metadata" in full["properties"]


def test_an_update_names_what_it_takes_back():
    update = next(tool for tool in STRICT if tool.name == "update_checkout_session").parameters
    (names, null) = update["properties"]["clear"]["anyOf"]
    assert null == {"type": "null"}
    assert "buyer" in names["items"]["enum"]
    assert "line_items" not in names["items"]["enum"]


def test_search_is_offered_only_with_a_catalogue():
    assert names(definitions(search=True))[0] == "search_products"
    assert names(definitions()) == names(definitions(search=True))[1:]


def test_a_schema_that_refers_to_itself_stays_one():
    tree = {
        "type": "object",
        "properties": {"left": {"$ref": "#/$defs/Tree"}, "open": {"type": "object"}},
        "required": [],
        "$defs": {
            "Tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}, "n": {"type": "integer"}}}
        },
    }
    narrowed = strict_schema(tree)
    assert list(narrowed["properties"]) == ["left"]
    assert narrowed["$defs"]["Tree"]["properties"]["left"]["anyOf"] == [{"$ref": "#/$defs/Tree"}, {"type": "null"}]


def test_a_required_member_that_has_no_strict_form_takes_its_object_with_it():
    odd = {"type": "object", "properties": {"map": {"type": "object"}}, "required": ["map"]}
    whole = {"type": "object", "properties": {"odd": odd, "kept": {"type": "string", "maxLength": 3}}, "required": []}
    assert list(strict_schema(whole)["properties"]) == ["kept"]


def test_the_two_apis_get_the_shapes_they_document():
    (responses, *_), (chat, *_) = for_responses(STRICT), for_chat(STRICT)
    assert (responses["type"], responses["name"], responses["strict"]) == ("function", "search_products", True)
    assert chat == {"type": "function", "function": {name: each for name, each in responses.items() if name != "type"}}
