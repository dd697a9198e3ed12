import { z } from "zod";
import { callerEnvironment } from "../../client/environment.ts";
import type { RouteAnswer, RouteCandidate } from "../../protocol/routing.ts";
import { type Desk, ref, tool, words } from "../tool.ts";
import { cutLine, releaseHint, MAX_NOTICE } from "../words.ts";

/** Candidates that are told, and what of each name and path. */
const MAX_CANDIDATES = 5;
const MAX_NAME = 80;
const MAX_PATH = 200;

export const route = tool({
  name: "dispatch_route",
  description:
    "Send a message to the session that a repository, task or text means; a repository gets its first one.",
  input: z.strictObject({
    query: ref,
    message: words,
    dry_run: z.boolean().optional().describe("say which, and why"),
  }),
  async run(desk, { query, message, dry_run: dryRun = false }) {
    const { client, sender, environment } = desk;
    const body = { query, message, dryRun, ...sender, environment: callerEnvironment(environment) };
    const answer = await client.call("route", {}, body);
    return dryRun ? plan(answer) : sent(answer, desk);
  },
});

function sent({ verdict, candidates, session, message, notices }: RouteAnswer, desk: Desk) {
  const { receipt } = message!;
  const chosen = factsOf(candidates[0]!);
  const first = verdict.kind === "first" ? "Opened its first session. " : "";
  const hint = releaseHint(message!, desk);
  return {
    facts: {
      ...chosen,
      session: session!.id,
      first: verdict.kind === "first",
      message: message!.id,
      receipt: receipt.state,
      ...(hint === null ? {} : { hint }),
      ...(notices.length === 0 ? {} : { notices: notices.map((notice) => cutLine(notice, MAX_NOTICE)) }),
    },
    text: [
      `${first}Sent to ${chosen.name} in ${chosen.path}: ${receipt.state}.`,
      ...(hint === null ? [] : [hint]),
    ].join(" "),
  };
}

function plan({ verdict, candidates }: RouteAnswer) {
  const shown = candidates.slice(0, MAX_CANDIDATES).map(factsOf);
  const suggestions = verdict.kind === "nothing" ? verdict.suggestions : [];
  const lines = shown.map(({ name, path, score, because }) => `${score} ${name} in ${path}: ${because}`);
  return {
    facts: { verdict: verdict.kind, candidates: shown, ...(suggestions.length === 0 ? {} : { suggestions }) },
    text: [verdict.kind, ...lines, ...suggestions].join("\n"),
  };
}

function factsOf({ name, path, session, fit, lean, because }: RouteCandidate) {
  return {
    name: cutLine(name, MAX_NAME),
    path: cutLine(path, MAX_PATH),
    ...(session === null ? {} : { session }),
    score: `${fit}+${lean}`,
    because: because.map(({ what }) => what).join("; "),
  };
}
