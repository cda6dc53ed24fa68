/** Names of the messages between preload and main; nothing else is listened to. */
export const channels = {
  /** The page asks for its wire to the engine. */
  connect: "blockscope:connect",
  /** Paths of dropped files, resolved by the preload. */
  grant: "blockscope:grant",
} as const;
