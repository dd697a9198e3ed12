/** The version of the protocol between a host and its daemon, which speaks the last two. */
export const HOST_PROTOCOL = 1;
