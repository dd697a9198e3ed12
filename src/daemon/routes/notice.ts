import { forgetNotice, openTasks } from "../../store/caller-notice.ts";
import type { Handlers } from "./handler.ts";

export const noticeHandlers: Pick<Handlers, "awaitNotices" | "claimNotices" | "acknowledgeNotices"> = {
  async awaitNotices({ query }, { inbox }) {
    return await inbox.wait(query);
  },

  claimNotices({ body, commit }, { inbox }) {
    return commit((tx) => ({ notices: inbox.claim(tx, body), open: openTasks(tx.db, body) }));
  },

  acknowledgeNotices({ body, commit }) {
    return commit(({ db }) => {
      for (const id of body.notices) forgetNotice(db, id);
      return {};
    });
  },
};
