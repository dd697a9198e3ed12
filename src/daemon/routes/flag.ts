import type { Flag } from "../../protocol/flag.ts";
import type { Db } from "../../sqlite/database.ts";
import { findFlags, saveFlag } from "../../store/flag.ts";
import { only } from "./find.ts";
import type { Handlers } from "./handler.ts";

export const flagHandlers: Pick<Handlers, "seeFlag"> = {
  /** A flag that was seen before stays as it was. */
  seeFlag({ params, commit }) {
    return commit((tx) => {
      const found = mustFindFlag(tx.db, params.flag);
      if (found.seenAt !== null) return { flag: found };
      const flag = { ...found, seenAt: Date.now() };
      saveFlag(tx.db, flag);
      tx.announce({ type: "flag", flag });
      return { flag };
    });
  },
};

function mustFindFlag(db: Db, ref: string): Flag {
  return only(findFlags(db, ref), ref, { noun: "flag", list: "dispatch inbox" });
}
