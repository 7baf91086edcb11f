/** The library functions that a module's kernels call, each printed once, scalar or vector. */
import { libraryFunction } from '../kernel/functions.ts';
import { Emitter, type LibraryIndex } from './emitter.ts';
import { FunctionWriter, type ModuleWriter } from './module.ts';

export function makeLibrary(module: ModuleWriter): LibraryIndex {
  const known = new Map<string, number>();
  const library: LibraryIndex = (name, isVector) => {
    const key = `${name}${isVector ? '4' : ''}`;
    let index = known.get(key);
    if (index === undefined) {
      const { parameters, body } = libraryFunction(name);
      const type = isVector ? 'v128' : 'f32';
      const writer = new FunctionWriter(new Array<typeof type>(parameters).fill(type), [type]);
      const emitter = new Emitter({ module, writer, library, isVectorFunction: isVector });
      emitter.count([body]);
      index = module.add(writer, isVector ? emitter.vector(body) : emitter.scalar(body), key);
      known.set(key, index);
    }
    return index;
  };
  return library;
}
