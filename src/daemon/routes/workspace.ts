import { listWorkspaces } from "../../store/workspace.ts";
import type { Handlers } from "./handler.ts";

export const workspaceHandlers: Pick<Handlers, "listWorkspaces"> = {
  listWorkspaces(_, { ledger }) {
    return { workspaces: listWorkspaces(ledger.db) };
  },
};
