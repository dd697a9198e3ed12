import { foldersCalled } from "../routing.ts";
import type { Handlers } from "./handler.ts";

export const projectHandlers: Pick<Handlers, "listProjects" | "discoverProjects"> = {
  async listProjects({ query: { limit, offset, called } }, { projects, routing }) {
    await projects.ready();
    const meant = called === undefined ? null : new Set(await foldersCalled(called, { projects, routing }));
    const all = projects.list().filter(({ path }) => meant === null || meant.has(path));
    const page = all.slice(offset, offset + limit);
    return { projects: page, next: offset + limit < all.length ? offset + limit : null };
  },

  discoverProjects({ body: { path } }, { projects }) {
    return projects.discover(path);
  },
};
