import { bash } from "./bash_text.ts";

/** Function of scripts that ask for GPUs: what numbers depend on, and only a node knows. */
export const GPU_FACTS: string = bash`
# Model, driver and CUDA of the node's first GPU, as JSON; nothing where nobody says so in 5 seconds.
expflow_gpu_facts() {
  local line key value
  if [[ -n \${NVIDIA_TF32_OVERRIDE+x} ]]; then
    printf ',"nvidia_tf32_override":%s' "$(expflow_fact NVIDIA_TF32_OVERRIDE)"
  fi
  if ! type -P nvidia-smi >/dev/null || ! type -P timeout >/dev/null; then return 0; fi
  while IFS= read -t 6 -r line; do
    case $line in
      'Driver Version '*) key=gpu_driver ;;
      'CUDA Version '*) key=cuda ;;
      '    Product Name '*) key=gpu_model ;;
      *) continue ;;
    esac
    value=\${line#*: }
    if [[ $value == N/A ]]; then continue; fi
    printf ',"%s":%s' "$key" "$(expflow_fact value)"
  done < <(timeout -k 1 5 nvidia-smi -q -i 0 2>/dev/null)
}`;
