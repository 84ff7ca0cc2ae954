# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# The packages first: they change less often than the code, and their layer is kept.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/OneRing.Data/OneRing.Data.csproj src/OneRing.Data/
COPY src/OneRing.Web/OneRing.Web.csproj src/OneRing.Web/
RUN dotnet restore src/OneRing.Web

COPY src/ src/
RUN dotnet publish src/OneRing.Web --configuration Release --no-restore --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .

# The image's own unprivileged user.
USER $APP_UID
ENV ASPNETCORE_URLS=http://+:8080
EXPOSE 8080

# The image has neither curl nor wget, but bash opens connections by itself. HTTP/1.0 makes the server close behind its answer.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]

ENTRYPOINT ["dotnet", "OneRing.Web.dll"]
