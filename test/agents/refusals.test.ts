import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ProductWorld } from "./product-world.ts";
import { HOMES_PARENT, type Product } from "./products.ts";

// What products say when the service behind them refuses: nobody is logged in, the model is gone, the account is at its
// limit. Those that try again for minutes before they say so are left to the tables of src/agents.

const adapters = mkdtempSync(join(HOMES_PARENT, "adapters-"));
afterAll(() => rmSync(adapters, { recursive: true, force: true }));

const GOOGLE = "type.googleapis.com/google.rpc";
const KEY = {
  code: 400,
  message: "API key not valid. Please pass a valid API key.",
  status: "INVALID_ARGUMENT",
  details: [{ "@type": `${GOOGLE}.ErrorInfo`, reason: "API_KEY_INVALID", domain: "googleapis.com" }],
};
const DAY = {
  code: 429,
  message: "You exceeded your current quota, please check your plan and billing details.",
  status: "RESOURCE_EXHAUSTED",
  details: [
    {
      "@type": `${GOOGLE}.QuotaFailure`,
      violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }],
    },
  ],
};
const MODEL = { code: 404, message: "models/nope is not found for API version v1beta", status: "NOT_FOUND" };
const OPENAI_MODEL = {
  code: "model_not_found",
  message: "The model `nope` does not exist.",
  type: "invalid_request_error",
};
const OPENAI_QUOTA = {
  code: "insufficient_quota",
  message: "You exceeded your quota.",
  type: "insufficient_quota",
};

test.each([
  ["gemini", 400, KEY, { reason: "setup", unusable: "agent" }],
  ["gemini", 404, MODEL, { reason: "setup", unusable: "model" }],
  ["gemini", 429, DAY, { reason: "agent-error", unusable: "agent" }],
  ["codex", 404, OPENAI_MODEL, { reason: "setup", unusable: "model" }],
  ["codex", 429, OPENAI_QUOTA, { reason: "agent-error", unusable: "agent" }],
] as const)("%s says what status %d means", async (product: Product, status, error, expected) => {
  using service = Bun.serve({ port: 0, fetch: () => Response.json({ error }, { status }) });
  await using world = await ProductWorld.open(product, {
    modelUrl: service.url.origin,
    adapters,
    settings: "limits: {park: off}\n", // else a limit is waited for
  });
  const slug = await world.dispatch("say hello");
  expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", ...expected });
});
