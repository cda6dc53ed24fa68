/** The SDK's creation profiles. Core reference 1.6; EdgeIoT is left out, its block size of 512 can never be created (2.10). */
export interface CreationProfile {
  name: string;
  manifest: number;
  /** Level by module id. */
  levels: ReadonlyMap<number, number>;
  blockBytes: number;
}

const levels = (...pairs: [module: number, level: number][]): ReadonlyMap<number, number> => new Map(pairs);

export const creationProfiles: readonly CreationProfile[] = [
  { name: "minimal", manifest: 0, levels: levels(), blockBytes: 4096 },
  { name: "standard", manifest: 0x1c01, levels: levels([0, 2], [10, 2], [11, 2], [12, 1]), blockBytes: 4096 },
  { name: "enterprise", manifest: 0x4_0c0f, levels: levels([0, 3], [1, 3], [2, 2], [3, 3], [10, 2], [11, 2], [18, 1]), blockBytes: 4096 },
  { name: "max-security", manifest: 0x7_ffff, levels: new Map(Array.from({ length: 19 }, (_, id) => [id, 15])), blockBytes: 4096 },
  { name: "analytics", manifest: 0x3404, levels: levels([2, 2], [10, 3], [12, 1], [13, 2]), blockBytes: 65_536 },
];

/** A profile by name; case, hyphens and spaces do not matter. */
export const findProfile = (name: string): CreationProfile | undefined => {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/g, "");
  return creationProfiles.find((profile) => plain(profile.name) === plain(name));
};
