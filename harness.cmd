@echo off
rem Runs the command line from a clone: builds first when a source is newer than the last build, else starts at once.
setlocal
set "root=%~dp0"
set "program=%root%artifacts\bin\Harness.Orchestrator\release\harness.dll"
set "backend=%TorchBackend%"
if "%backend%"=="" set "backend=cpu"
set "stamp=%root%artifacts\.built"
where dotnet >nul 2>nul || (echo error: 'dotnet' was not found. Install the .NET 10 SDK: https://dot.net 1>&2 & exit /b 5)
if not exist "%program%" goto build
if not exist "%stamp%" goto build
set /p built=<"%stamp%"
if not "%built%"=="%backend%" goto build
powershell -NoProfile -ExecutionPolicy Bypass -Command "$built=(Get-Item -Force $env:stamp).LastWriteTimeUtc; $new=Get-ChildItem -Recurse -File -Include *.cs,*.razor,*.csproj,*.props,*.sql,*.css,*.js,*.txt -Path (Join-Path $env:root 'Experiments'),(Join-Path $env:root 'Workers'),(Join-Path $env:root 'Orchestrator'),(Join-Path $env:root 'Reports'),(Join-Path $env:root 'eng') | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1; if ($new) { exit 1 } else { exit 0 }"
if errorlevel 1 goto build
goto run
:build
echo Building (the first time also fetches libtorch)... 1>&2
dotnet build "%root%Orchestrator\Harness.Orchestrator" -c Release -v quiet --nologo 1>&2 || (echo error: the build failed; the lines above say why. 1>&2 & exit /b 5)
>"%stamp%" echo %backend%
:run
dotnet "%program%" %*
exit /b %errorlevel%
