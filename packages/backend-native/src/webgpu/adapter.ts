/** Finding a GPU: the adapter of the page or process, or a device that the caller has. A GPU that is simulated on the processor is told apart. */
import { WeftError } from '@weftjs/graph';

export interface FoundGpu {
  readonly device: GPUDevice;
  readonly ownsDevice: boolean;
  readonly description: string;
  readonly isSoftware: boolean;
  readonly hasSubgroups: boolean;
  readonly keep: unknown;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|\bwarp\b|basic render|\bcpu\b/i;

interface AdapterDescription {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

const words = (info: AdapterDescription | undefined): string => [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ');

/** Whether an adapter is a GPU simulated on the processor. */
export function isSoftwareAdapter(info: AdapterDescription | undefined, isFallback = false): boolean {
  return isFallback || info?.isFallbackAdapter === true || SOFTWARE.test(words(info));
}

/** The GPU interface of this environment, if it has one. */
export function findGpu(): GPU | null {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu ?? null;
}

/** An adapter that is not a simulation, or null. */
export async function findHardwareAdapter(gpu: GPU | null): Promise<GPUAdapter | null> {
  const adapter = await requestAdapter(gpu);
  return adapter && !isSoftware(adapter) ? adapter : null;
}

export async function requestAdapter(gpu: GPU | null): Promise<GPUAdapter | null> {
  try {
    return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
  } catch {
    return null;
  }
}

export const isSoftware = (adapter: GPUAdapter): boolean => isSoftwareAdapter(adapter.info, (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter);

/** What is used where a device has it: a clock, float16, and subgroups. */
const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'] as readonly GPUFeatureName[];

/** Whether shaders can use subgroups, which they tell apart by numbers: a part of the language that came later. */
const canUseSubgroups = (device: GPUDevice, gpu: GPU | null): boolean =>
  device.features.has('subgroups' as GPUFeatureName) && gpu?.wgslLanguageFeatures?.has('subgroup_id') === true;

/** A device with the limits that large tensors need. */
export async function openAdapter(adapter: GPUAdapter, keep: GPU | null): Promise<FoundGpu> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  let device: GPUDevice;
  try {
    const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
    device = await adapter.requestDevice({ requiredFeatures, requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } });
  } catch (error) {
    throw new WeftError('WEFT_E_BACKEND', `native({ target: 'webgpu' }) needs a GPU device. Received: ${String(error)}. Close other programs that use the GPU, or use native({ target: 'wasm' }).`, { cause: error });
  }
  const description = `WebGPU: ${words(adapter.info) || 'a GPU that does not name itself'}`;
  const hasSubgroups = canUseSubgroups(device, keep);
  return { device, ownsDevice: true, description, isSoftware: isSoftware(adapter), hasSubgroups, keep };
}

export function useDevice(device: GPUDevice): FoundGpu {
  const { adapterInfo } = device as { adapterInfo?: AdapterDescription };
  const description = `WebGPU: ${words(adapterInfo) || 'a device of the caller'}`;
  const hasSubgroups = canUseSubgroups(device, findGpu());
  return { device, ownsDevice: false, description, isSoftware: isSoftwareAdapter(adapterInfo), hasSubgroups, keep: device };
}
