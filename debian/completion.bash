# bash completion of `vitrine`: what its --help says, commands and their options.
_vitrine() {
  local current=${COMP_WORDS[COMP_CWORD]} words=() word help
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    words+=("$word")
  done
  help=$("$1" "${words[@]}" --help 2> /dev/null) || return 0
  if [[ $current == -* ]]; then
    word=$(grep -o -- '--[a-z0-9-]*' <<< "$help")
  else
    word=$(sed -n '/^Subcommands:/,$ s/^  \([a-z-]*\) .*/\1/p' <<< "$help")
  fi
  mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
  [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _vitrine vitrine
