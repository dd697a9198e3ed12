import { DispatchError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { VERSION } from "../../base/version.ts";
import type { ErrorBody } from "../../protocol/error.ts";
import { ERROR_STATUS } from "../../protocol/error-status.ts";
import { VERSION_HEADER } from "../../protocol/route.ts";
import type { Log } from "../log.ts";
import { MethodNotAllowed } from "./match.ts";

const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  [VERSION_HEADER]: VERSION,
};

/** @param text a JSON document */
export function answered(text: string): Response {
  return new Response(text, { headers: HEADERS });
}

/** What a caller is told of a failure. A defect is logged under a reference, and only that is told. */
export function failed(error: unknown, log: Log): Response {
  if (error instanceof DispatchError && error.code !== "internal") return refusal(error);
  const reference = newId("err");
  log.error("defect", { reference, error });
  const message = `something broke in the daemon; its log has it under ${reference}`;
  return refusal(new DispatchError("internal", message, { hint: "dispatch daemon logs" }));
}

function refusal(error: DispatchError): Response {
  const { code, message, hint, candidates, ref } = error;
  const body: ErrorBody = {
    code,
    message,
    ...(hint && { hint }),
    ...(candidates && { candidates }),
    ...(ref && { ref }),
  };
  if (error instanceof MethodNotAllowed)
    return Response.json(
      { error: body },
      { status: 405, headers: { ...HEADERS, allow: error.allowed.join(", ") } },
    );
  return Response.json({ error: body }, { status: ERROR_STATUS[code], headers: HEADERS });
}
