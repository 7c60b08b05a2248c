# In ~/.config/fish/config.fish: fw-run completion fish | source
function __fw_run_candidates
    set -l typed (commandline -ct)
    set -l words (commandline -opc)
    set -l lines (fw-run completion fish -- $words[2..-1] "$typed" 2>/dev/null)
    if test "$lines[1]" = :files
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$typed")
        return
    end
    test -n "$lines[1]"; and printf '%s\n' $lines
end
complete -c fw-run -f -a '(__fw_run_candidates)'
