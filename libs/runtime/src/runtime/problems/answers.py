"""Problems as answers: the exception handlers of every app."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.refusal import Refusal
from runtime.language import spoken
from runtime.problems.failures import refusal_of_http
from runtime.problems.fields import field_problems
from runtime.problems.model import MEDIA_TYPE, FieldProblem, problem
from runtime.problems.refusals import MalformedJson, ProtocolRefusal, RequestInvalid


def problem_response(refusal: Refusal, path: str, errors: list[FieldProblem] | None = None) -> Response:
    """The answer to a refused request, in the language of the request."""
    headers = {"Content-Language": spoken(), "Vary": "Accept-Language"}
    if isinstance(refusal, ProtocolRefusal):
        headers |= refusal.header_lines()
    body = problem(refusal, instance=path, errors=errors).model_dump_json(exclude_none=True)
    return Response(body, refusal.status, headers, media_type=MEDIA_TYPE)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return problem_response(refusal, request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(refusal_of_http(error, request.scope), request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if errors[0]["type"] == "json_invalid":
        return problem_response(MalformedJson(position=errors[0]["loc"][-1]), request.url.path)
    return problem_response(RequestInvalid(count=len(errors)), request.url.path, field_problems(errors))


def install(app: FastAPI) -> None:
    """Makes every refusal, validation error and HTTP error of the app a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
