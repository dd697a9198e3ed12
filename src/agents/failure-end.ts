import type { AgentFailure } from "./driver.ts";

/** What an error comes to: there is no login, there is no such model, or neither. */
export type FailureEnd = "login" | "model" | "error";

/** Codes of products and of the services behind them, in the fields in which they stand. */
const ENDS: Readonly<Record<string, FailureEnd>> = {
  authentication_failed: "login", // Claude Code
  oauth_org_not_allowed: "login",
  unauthorized: "login", // Codex
  invalid_api_key: "login", // OpenAI
  authentication_error: "login", // Anthropic
  API_KEY_INVALID: "login", // Google
  UNAUTHENTICATED: "login",
  model_not_found: "model", // Claude Code, OpenAI
};
const FIELDS = ["errorKind", "codexErrorInfo", "code", "type", "status", "reason"];
/** "Authentication required" (https://agentclientprotocol.com/protocol/v1/schema#errorcode), and HTTP's word for it. */
const LOGIN_CODES = new Set([-32_000, 401]);

/** Gemini CLI, OpenCode and Codex pass on what the service said, as text; these are those services' own sentences. */
const LOGIN_WORDS =
  /\b(?:invalid|incorrect) (?:x-)?api.?key|\bapi key (?:not valid|is invalid|not found)|\bAPI_KEY_INVALID\b|\b401 unauthorized\b|authentication required|\bnot logged in\b/i;
const MODEL_WORDS =
  /\bmodels?\b[^.\n]{0,120}\b(?:does not exist|is not found|not found for api version|is not supported|was not found)|\bmodel_not_found\b|\bno such model\b|\bunknown model\b/i;

/** What an agent's error comes to, by its code and data, and by its words where it has none of these. */
export function failureEnd({ message, code, data }: AgentFailure): FailureEnd {
  if (LOGIN_CODES.has(code ?? 0)) return "login";
  const fields = typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
  const told = FIELDS.map((name) => ENDS[String(fields[name])]).find((end) => end !== undefined);
  if (told) return told;
  if (LOGIN_WORDS.test(message)) return "login";
  return MODEL_WORDS.test(message) ? "model" : "error";
}
