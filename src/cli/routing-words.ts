import type { RouteAnswer, RouteCandidate } from "../protocol/routing.ts";
import { sentText } from "./message-words.ts";
import { indent, inset, type Look, table } from "./output.ts";

/** What was done with a message, and why there. */
export function routedText({ message, session, verdict, candidates }: RouteAnswer): string {
  const [chosen] = candidates;
  const isFirst = verdict.kind === "first";
  const opened = isFirst ? [`Opened the first session of ${chosen!.name}.`] : [];
  const why = isFirst ? reasonsOf(chosen!, `its first session ${session!.id}`) : reasonsOf(chosen!);
  return [...opened, ...(message ? [sentText(message)] : []), `Chosen: ${why}`].join("\n");
}

/** What would be done, with all that was considered. */
export function planText({ verdict, candidates }: RouteAnswer, look: Look): string {
  const rows = candidates.map((each) => [`${each.fit}${each.lean ? `+${each.lean}` : ""}`, reasonsOf(each)]);
  const ranked = rows.length === 0 ? [] : [indent(table(rows, inset(look)))];
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
function reasonsOf(candidate: RouteCandidate, what = whatItIs(candidate)): string {
  const { name, path, because } = candidate;
  const reasons = because.map(({ points, what }, at) => `${what} (${at === 0 ? "" : "+"}${points})`);
  return `${name} in ${path}, ${what}: ${reasons.join("; ")}`;
}

function whatItIs({ session, task }: RouteCandidate): string {
  return session === null ? "no session yet" : `${task === null ? "" : "a task's "}session ${session}`;
}
