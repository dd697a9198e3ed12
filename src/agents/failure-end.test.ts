import { expect, test } from "bun:test";
import { failureEnd } from "./failure-end.ts";

// What the products answered a prompt with, each against a service that refused the key, the model or the request.
test.each([
  ["login", { message: "Authentication required", code: -32_000 }],
  [
    "login",
    {
      message:
        '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}',
      code: 400,
    },
  ],
  [
    "login",
    { message: "Internal error: Incorrect API key provided: no-key.", data: { errorName: "APIError" } },
  ],
  ["login", { message: "Internal error", data: { errorKind: "authentication_failed" } }],
  [
    "model",
    { message: "There's an issue with the selected model (nope).", data: { errorKind: "model_not_found" } },
  ],
  ["model", { message: "models/nope is not found for API version v1beta", code: 500 }],
  ["model", { message: "The model `nope` does not exist or you do not have access to it." }],
  ["model", { message: "The 'nope' model is not supported when using Codex with a ChatGPT account." }],
  ["error", { message: "API Error: Request rejected (429)", data: { errorKind: "rate_limit" } }],
  ["error", { message: "the data model of the shop is hard. A file does not exist" }],
  ["error", { message: "Internal error", code: -32_603, data: null }],
] as const)("%s: %j", (end, error) => {
  expect(failureEnd(error)).toBe(end);
});
