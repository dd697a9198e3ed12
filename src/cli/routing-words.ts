import type { RouteAnswer, RouteCandidate } from "../protocol/routing.ts";
import { sentText } from "./message-words.ts";
import { indent, type Look, table } from "./output.ts";

/** What was done with a message, and why there. */
export function routedText({ message, verdict, candidates }: RouteAnswer): string {
  const [chosen] = candidates;
  const opened = verdict.kind === "first" ? [`Opened the first session of ${chosen!.name}.`] : [];
  return [...opened, ...(message ? [sentText(message)] : []), `Chosen: ${reasonsOf(chosen!)}`].join("\n");
}

/** What would be done, with all that was considered. */
export function planText({ verdict, candidates }: RouteAnswer, look: Look): string {
  const rows = candidates.map((each) => [`${each.fit}${each.lean ? `+${each.lean}` : ""}`, reasonsOf(each)]);
  const ranked = rows.length === 0 ? [] : [indent(table(rows, look))];
  return [verdictText(verdict, candidates), ...ranked].join("\n");
}

function verdictText(verdict: RouteAnswer["verdict"], [chosen]: readonly RouteCandidate[]): string {
  switch (verdict.kind) {
    case "session":
      return `It would go to session ${chosen!.session!}.`;
    case "first":
      return `It would open the first session of ${chosen!.name}.`;
    case "ambiguous":
      return `It can mean ${verdict.among} of them: nothing would be sent.`;
    case "nothing":
      return verdict.suggestions.length === 0
        ? "Nobody is called so."
        : `Nobody is called so. Did you mean ${verdict.suggestions.join(", ")}?`;
  }
}

/** `api in /src/api, session ses_…: the repository is called that (100); used within the hour (+15)`. */
function reasonsOf({ name, path, session, task, because }: RouteCandidate): string {
  const what = session === null ? "no session yet" : `${task === null ? "" : "a task's "}session ${session}`;
  const reasons = because.map(({ points, what }, at) => `${what} (${at === 0 ? "" : "+"}${points})`);
  return `${name} in ${path}, ${what}: ${reasons.join("; ")}`;
}
