"""The handling of a question: the token, the rate limits, the faults, and then the execution."""

from dataclasses import replace

from graphql import (
    ExecutionResult,
    GraphQLError,
    execute,
    get_operation_ast,
    get_variable_values,
)

from plancast.sandbox import database, delayed
from plancast.sandbox.faults import Fault, FaultKind, Phase
from plancast.sandbox.graphql import fault_replies, rate_windows, resolvers, schema
from plancast.sandbox.graphql.answers import Body, answer
from plancast.sandbox.graphql.context import Context
from plancast.sandbox.graphql.request import Question, from_json
from plancast.sandbox.queues import Session
from plancast.sandbox.v1 import counts
from plancast.sandbox.v1.replies import Reply


def outcome(
    session: Session, question: Question, fault: Fault | None, real: float
) -> Reply | Phase:
    """Return an honest reply, the reply of a fault, or the phase that ends the connection.

    `real` is the time in Unix seconds. Every reply to a valid token carries the rate limits.
    """
    if fault and fault.kind is FaultKind.LOST_REQUEST:
        return Phase.REQUEST
    if fault and (false := fault_replies.instead(fault)):
        return false
    user = database.user_of_token(session.db, question.token) if question.token else None
    if user is None:
        return fault_replies.unauthenticated()
    missing = session.settings.graphql_missing
    admitted = rate_windows.admit(session.db, user, real, session.settings)
    if admitted.full:
        wait = admitted.full.resets if session.settings.rate_retry_after else None
        reply = fault_replies.too_many(wait, admitted.full.letters)
    elif missing and (errors := schema.hidden(question.query, missing)):
        reply = answer(400, {"errors": list(errors)})
    elif question.refusal:  # it used up the windows all the same: they count HTTP requests
        reply = question.refusal
    elif fault and fault.kind is FaultKind.LATE_COMMIT:
        delayed.keep(session.db, real + fault.seconds, question.to_json(user))
        return Phase.LATE
    else:
        reply = _execute(session, question, user, fault)
    return replace(reply, headers=(*reply.headers, *admitted.headers))


def deliver(session: Session, call: str) -> None:
    """Execute a question that was kept for later. No client is left to receive the reply."""
    user_id, question = from_json(call)
    _execute(session, question, user_id, None)


def _execute(session: Session, question: Question, user_id: str, fault: Fault | None) -> Reply:
    """Execute a question that was checked, and return its reply."""
    document = schema.prepared(question.query).document
    operation = get_operation_ast(document, question.operation) if document else None
    assert document is not None  # the question would be its own refusal
    assert operation is not None
    defined = operation.variable_definitions or ()
    values = get_variable_values(schema.schema(), defined, question.variables)
    if isinstance(values, list):
        return answer(400, {"errors": list(schema.refusals(values, "BAD_USER_INPUT"))})
    if fault and fault.kind in fault_replies.REFUSALS:
        root = fault_replies.root(fault.kind)
    else:
        counts.add(session.db, question.name, "executed")
        root = resolvers.root(Context.of(session, user_id, fault))
    result = execute(
        schema.schema(),
        document,
        root,
        variable_values=question.variables,
        operation_name=question.operation,
    )
    assert isinstance(result, ExecutionResult)  # nothing here is awaited
    body: Body = {"data": result.data}
    if result.errors:
        body = {"errors": [_own(error) for error in result.errors], **body}
    return answer(200, fault_replies.after(fault, question, body))


def _own(error: GraphQLError) -> Body:
    """Return an entry of errors[].

    A bug of the sandbox must not look like an answer: it is raised.
    """
    if error.extensions:
        return dict(error.formatted)
    cause = error.original_error or error
    if isinstance(cause, GraphQLError) and cause.nodes:  # an argument that is null after all
        return {**error.formatted, "extensions": {"code": "BAD_USER_INPUT"}}
    raise cause
