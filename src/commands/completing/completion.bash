# shellcheck shell=bash
# In ~/.bashrc: source <(fw-run completion bash)
_fw_run() {
  local word line=${COMP_LINE:0:COMP_POINT}
  COMPREPLY=()
  # Bash cuts words at = and : too, so fw-run reads the line itself; $2 is the piece that it replaces.
  while IFS=$'\t' read -r word _; do
    if [[ $word == :files ]]; then
      compopt -o default
      return
    fi
    # A name of an inventory may have characters that the shell would act on.
    [[ $word == *[^[:alnum:]_./:=@,+%-]* ]] && printf -v word %q "$word"
    [[ -n $word ]] && COMPREPLY+=("$word")
  done < <(fw-run completion bash -- "$line" "$2" 2>/dev/null)
}
complete -F _fw_run fw-run
