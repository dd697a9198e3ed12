import { dlopen, FFIType, ptr } from "bun:ffi";
import type { Socket } from "node:net";
import { processMark } from "../../processes/mark.ts";

// unix(7) and, on macOS, sys/un.h: the level and the name of the option, and the bytes of its value, a process id first.
const PEER =
  process.platform === "darwin"
    ? { libc: "libSystem.B.dylib", level: 0, option: 2, bytes: 4 }
    : { libc: "libc.so.6", level: 1, option: 17, bytes: 12 };

/** The mark of the process at the other end of a unix socket, by the kernel's word; null where it does not say. */
export function peerProcess(socket: Socket): string | null {
  // node:net knows no other way to the descriptor.
  const fd = (socket as Socket & { _handle?: { fd?: number } | null })._handle?.fd;
  if (fd === undefined || fd < 0) return null;
  const { libc, level, option, bytes } = PEER;
  const { int, pointer } = { int: FFIType.i32, pointer: FFIType.ptr };
  const library = dlopen(libc, { getsockopt: { args: [int, int, int, pointer, pointer], returns: int } });
  try {
    const value = new Int32Array(bytes / 4);
    const length = new Uint32Array([bytes]);
    const failed = library.symbols.getsockopt(fd, level, option, ptr(value), ptr(length)) !== 0;
    return failed || value[0]! <= 0 ? null : processMark(value[0]!);
  } finally {
    library.close();
  }
}
