#compdef fw-run
# In ~/.zshrc, after compinit: source <(fw-run completion zsh)
_fw_run() {
  local line
  local -a lines found shown
  lines=("${(@f)$(fw-run completion zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == :files ]]; then
    compset -P '--*='
    _files
    return
  fi
  for line in $lines; do
    [[ -n $line ]] || continue
    found+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  (( $#found )) && compadd -l -d shown -a found
}
if [[ ${funcstack[1]} == _fw_run ]]; then
  _fw_run "$@"
else
  compdef _fw_run fw-run
fi
