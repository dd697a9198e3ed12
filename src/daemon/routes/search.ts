import { searchQuery } from "../../core/search-query.ts";
import type { Mark, SearchHit } from "../../protocol/search.ts";
import { findPassages, FOUND, type FoundPassage } from "../../store/passage.ts";
import { findWorkspace } from "../workspace.ts";
import { mustFindSession } from "./find-session.ts";
import { mustFindTask } from "./find.ts";
import type { Handlers } from "./handler.ts";

export const searchHandlers: Pick<Handlers, "search"> = {
  async search({ query, from }, { ledger, search }) {
    const { db } = ledger;
    const match = searchQuery(query.text);
    const workspace = query.workspace === undefined ? null : findWorkspace(db, query.workspace).id;
    const task = query.task === undefined ? null : mustFindTask(db, query.task, from).id;
    const session = query.session === undefined ? null : mustFindSession(db, query.session).id;
    await search.catchUp();
    const { kind = null, limit, offset } = query;
    const found = findPassages(db, { match, workspace, task, session, kind, limit: limit + 1, offset });
    return {
      hits: found.slice(0, limit).map(hitOf),
      next: found.length > limit ? offset + limit : null,
    };
  },
};

function hitOf({ title, excerpt, ...passage }: FoundPassage): SearchHit {
  return { ...passage, title: title ?? "", ...marked(excerpt) };
}

/** An excerpt in one line, without the signs in it, and where they stood. */
function marked(text: string): { excerpt: string; marks: Mark[] } {
  let excerpt = "";
  const marks: Mark[] = [];
  for (const [at, part] of text.replaceAll(/\s+/g, " ").split(FOUND.start).entries()) {
    const [word, ...rest] = part.split(FOUND.end);
    if (at > 0) marks.push({ start: excerpt.length, end: excerpt.length + word!.length });
    excerpt += word! + rest.join("");
  }
  return { excerpt, marks };
}
