import { DispatchError } from "../../base/error.ts";
import { findConversation, listConversations, mustBeFree } from "../adopt.ts";
import { checkLive } from "../brakes.ts";
import { requestedSession } from "../new-session.ts";
import { keepEnvironment } from "../session-environment.ts";
import { sourcesFor } from "../setup.ts";
import { writeSession } from "../talk.ts";
import { openWorkspace, settleWorkspace, writeWorkspace } from "../workspace.ts";
import type { Handlers } from "./handler.ts";

type OutsideCalls =
  | "reportHook"
  | "claimMessage"
  | "acknowledgeMessage"
  | "listConversations"
  | "adoptConversation";

export const outsideHandlers: Pick<Handlers, OutsideCalls> = {
  async reportHook({ body }, { outside }) {
    return { session: (await outside.hear(body))?.id ?? null };
  },

  claimMessage({ body, commit }, { outside }) {
    return commit((tx) => ({ handing: outside.claim(tx, body) }));
  },

  acknowledgeMessage({ body, commit }, { outside }) {
    return commit((tx) => {
      outside.acknowledge(tx, body.message, body);
      return {};
    });
  },

  async listConversations({ query }, { ledger: { db }, environment, outside }) {
    await outside.look();
    return { conversations: await listConversations(db, environment, query) };
  },

  async adoptConversation({ params, body, commit }, parts) {
    const { db } = parts.ledger;
    const kept = await findConversation(parts.environment, params.conversation);
    const request = {
      ...body,
      workspace: kept.folder,
      agent: body.model === undefined ? kept.agent : undefined,
    };
    const { sources, notices: made } = await sourcesFor(parts, request);
    const workspace = settleWorkspace(db, await openWorkspace(db, kept.folder));
    const { session, notices } = requestedSession(request, { workspace, sources }, parts);
    if (session.agent !== kept.agent)
      throw new DispatchError(
        "invalid",
        `${body.model} is of ${session.agent}, and a conversation stays with its agent ${kept.agent}`,
        { hint: "dispatch models" },
      );
    checkLive(db);
    const running = await parts.outside.running();
    keepEnvironment(parts, session.id, body.environment);
    return commit((tx) => {
      mustBeFree(tx.db, kept, running);
      const adopted = { ...session, conversation: kept.id };
      writeWorkspace(tx, workspace);
      writeSession(tx, adopted);
      return { session: adopted, workspace, notices: [...made, ...notices] };
    });
  },
};
