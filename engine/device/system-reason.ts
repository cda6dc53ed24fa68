const reasons: Readonly<Record<string, string>> = {
  EEXIST: "something of that name is there already",
  ENOSPC: "no space is left",
  EDQUOT: "the quota is used up",
  EFBIG: "the file system takes no file of that length",
  EIO: "the medium fails (EIO)",
  EACCES: "the system does not allow it",
  EPERM: "the system does not allow it",
  EROFS: "it may only be read",
  EISDIR: "it is a folder",
  ENOENT: "a folder on the way is missing",
  ENOTDIR: "a part of the path is no folder",
  ELOOP: "a link is in the way",
  ENAMETOOLONG: "the name is too long",
};

/** What the system refused, in words; its own code where there are none. */
export function systemReason(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return code === undefined ? String(cause) : (reasons[code] ?? code);
}
