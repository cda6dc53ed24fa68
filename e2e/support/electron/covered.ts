/** A view of a double that throws for whatever it lacks, so that no test passes on an accidental stub. */
export function covered<Target extends object>(name: string, target: Target): Target {
  return new Proxy(target, {
    get(found, key) {
      if (!(key in found) && typeof key === "string" && key !== "then") throw new TypeError(`${name}.${key} is not covered`);
      const value = Reflect.get(found, key, found);
      return typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value)) ? value.bind(found) : value;
    },
  });
}
