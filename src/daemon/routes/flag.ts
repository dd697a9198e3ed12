import { DispatchError } from "../../base/error.ts";
import type { Flag } from "../../protocol/flag.ts";
import type { Db } from "../../sqlite/database.ts";
import { findFlags, saveFlag } from "../../store/flag.ts";
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
  const found = findFlags(db, ref);
  const [flag] = found;
  if (!flag) throw new DispatchError("not_found", `no flag ${ref}`, { hint: "dispatch inbox" });
  if (found.length === 1) return flag;
  throw new DispatchError("ambiguous", `${ref} can mean several flags`, {
    candidates: found.map(({ id }) => id),
  });
}
